package contract

import "strings"

// Error codes that a server of this contract answers with. Catalog explains them.
const (
	CodeNoSuchObject     = "VOD.10003"
	CodeInternal         = "VOD.10051"
	CodeUnavailable      = "VOD.10052"
	CodeIllegalParameter = "VOD.10053"
	CodeWrongProject     = "VOD.10057"
	CodeWrongMethod      = "VOD.10058"
	CodeContentType      = "VOD.10059"
	CodeNotReleased      = "VOD.10060"
	CodeNoSuchAsset      = "VOD.10062"
	CodeWrongType        = "VOD.10063"
	CodeNoSuchCategory   = "VOD.10064"
	CodeCategoryExists   = "VOD.10065"
	CodeCategoryTooDeep  = "VOD.10066"
	CodeTranscodeFailed  = "VOD.10073"
	CodeNoPermission     = "VOD.10074"
	CodeWrongAddress     = "VOD.10075"
	CodeSourceUnreadable = "VOD.10076"
	CodeBlocked          = "VOD.10099"
	CodeNotEncrypted     = "VOD.10101"
	CodeSnapshotFailed   = "VOD.10104"
	CodeReviewFailed     = "VOD.10105"
	CodeNoEdge           = "VOD.10110"
	CodeBucketForbidden  = "VOD.10114"
	CodeBucketInUse      = "VOD.10115"
	CodeOffline          = "VOD.10136"
	CodeOBSPermission    = "VOD.10138"
	CodeNoSuchAPI        = "APIGW.0101"
	CodeRequestTooLarge  = "APIGW.0201"
	CodeNotAuthenticated = "APIGW.0301"
	CodeGatewayForbidden = "APIGW.0302"
	CodeThrottled        = "APIGW.0308"
	gatewayAlias         = "APIG."
	gatewayPrefix        = "APIGW."
)

// Problem explains one error code.
type Problem struct {
	// Code stands in error_code.
	Code string
	// Status is the HTTP status that this kit's service answers with. The cloud is not consistent: most of its codes
	// come with 403, so a client should go by the code.
	Status int
	// Message is what the code means, for error_msg.
	Message string
	// Advice is the next step for the caller.
	Advice string
	// Temporary tells that the same call can succeed later without a change.
	Temporary bool
}

// Catalog lists the codes that callers of a dump meet, from this kit's service or from the cloud, in code order.
var Catalog = []Problem{
	{CodeNoSuchObject, 400, "The specified key does not exist.", "check input.bucket and input.object: case counts, and there is no leading slash", false},
	{CodeInternal, 500, "Internal system error.", "try again later; report the request id if it stays", true},
	{CodeUnavailable, 503, "The internal communication of the service is abnormal.", "try again later", true},
	{CodeIllegalParameter, 400, "The request parameter is illegal.", "correct the named field; vod validate lists every fault of a request without sending it", false},
	{"VOD.10054", 403, "Identity authentication failed.", "check the access key or token and that it belongs to this account", false},
	{"VOD.10055", 403, "The user is not authenticated by real name.", "finish real-name authentication in the account center", false},
	{"VOD.10056", 403, "The user is in an abnormal state.", "check the account in the console", false},
	{CodeWrongProject, 403, "Tenant ID verification failed.", "use the project ID that the credentials belong to", false},
	{CodeWrongMethod, 403, "The request method is incorrect.", "use the method of the document", false},
	{CodeContentType, 403, "The requested content type is incorrect.", "send Content-Type: application/json", false},
	{CodeNotReleased, 403, "The media asset is not complete or not published.", "wait until the asset is created, and publish it", false},
	{CodeNoSuchAsset, 404, "The media asset or resource does not exist.", "check the asset ID and the project", false},
	{CodeWrongType, 403, "The media asset type is not supported.", "check video_type against the file", false},
	{CodeNoSuchCategory, 404, "The media asset category does not exist.", "create the category first, or leave out category_id for Other", false},
	{CodeCategoryExists, 403, "The media asset category already exists.", "use the existing category or another name", false},
	{CodeCategoryTooDeep, 403, "The media asset category exceeds the maximum level.", "nest categories at most three deep", false},
	{CodeTranscodeFailed, 403, "Creating the transcoding task failed.", "check the template group, and that the file plays", false},
	{CodeNoPermission, 403, "No permission for the operation.", "ask the administrator for the permission named in the message", false},
	{CodeWrongAddress, 403, "The OBS source or destination address is incorrect.", "bucket and service must be in one region; check input.location", false},
	{CodeSourceUnreadable, 403, "The OBS source file could not be obtained.", "check that the object can be read and is not archived", false},
	{"VOD.10081", 400, "The request parameters are illegal.", "vod validate lists every fault of a request without sending it", false},
	{"VOD.10083", 403, "The state does not support this operation.", "wait until the asset is ready", false},
	{"VOD.10094", 403, "Publishing the dumped media asset failed.", "publish it again", false},
	{CodeBlocked, 403, "The media asset is blocked.", "see review_info of the asset's details for what the review found", false},
	{CodeNotEncrypted, 403, "There is no key because the media asset is not encrypted.", "play it without a key, or dump it with auto_encrypt 1 and a template group that gives HLS", false},
	{CodeSnapshotFailed, 403, "Taking the snapshots failed.", "check that the file plays and that the moments lie inside it", false},
	{CodeReviewFailed, 403, "Reviewing the media asset failed.", "dump it again later; a person must judge it until then", false},
	{"VOD.10109", 403, "Too many URLs in one preheating task.", "preheat at most 10 URLs in one call", false},
	{CodeNoEdge, 403, "Preheating is impossible because there is no CDN domain.", "add a CDN domain to the service first", false},
	{"VOD.10111", 403, "No right to access the resource.", "check the project and the permissions of the credentials", false},
	{CodeBucketForbidden, 403, "The bucket is not authorized.", "authorize the bucket for VOD first: vod authorize BUCKET", false},
	{CodeBucketInUse, 403, "The bucket is an output bucket and stays authorized.", "choose another output bucket first", false},
	{"VOD.10120", 403, "The account is in arrears.", "top up the account", false},
	{"VOD.10132", 403, "The account is closed or frozen.", "check the account in the console", false},
	{"VOD.10133", 403, "No permission on the resource.", "ask the administrator for the permission named in the message", false},
	{CodeOffline, 403, "The feature is temporarily offline.", "try again later", true},
	{"VOD.10137", 403, "Too many assets in one call.", "publish in smaller batches", false},
	{CodeOBSPermission, 403, "No permission on the OBS bucket.", "ask the tenant's administrator to authorize the bucket or to grant OBS permissions", false},
	{CodeNoSuchAPI, 404, "The API does not exist.", "check the endpoint, the path and the project ID in it", false},
	{CodeRequestTooLarge, 413, "Request entity too large.", "send a smaller body", false},
	{CodeNotAuthenticated, 401, "Incorrect IAM authentication information", "check access key, secret key or token, and this machine's clock; vod sign -v shows what is signed", false},
	{CodeGatewayForbidden, 403, "The IAM user is not authorized to access the API.", "ask the administrator for VOD permissions", false},
	{CodeThrottled, 429, "The throttling threshold has been reached.", "slow down; the cloud allows 1500 dumps a minute per tenant", true},
}

var byCode = func() map[string]Problem {
	index := make(map[string]Problem, len(Catalog))
	for _, p := range Catalog {
		index[p.Code] = p
	}
	return index
}()

// Lookup finds the explanation of an error code. Newer gateways spell APIGW as APIG; both are found.
func Lookup(code string) (Problem, bool) {
	if number, ok := strings.CutPrefix(code, gatewayAlias); ok {
		code = gatewayPrefix + number
	}
	p, ok := byCode[code]
	return p, ok
}
