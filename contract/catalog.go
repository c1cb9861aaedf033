package contract

import (
	"iter"
	"slices"
	"strings"
)

// Code is an error code of the service, as error_code holds it.
type Code string

// The error codes that a client of a dump meets. [Lookup] explains them.
const (
	CodeNoSuchObject         Code = "VOD.10003"
	CodeInternal             Code = "VOD.10051"
	CodeUnavailable          Code = "VOD.10052"
	CodeIllegalParameter     Code = "VOD.10053"
	CodeIdentityFailed       Code = "VOD.10054"
	CodeNoRealName           Code = "VOD.10055"
	CodeAccountAbnormal      Code = "VOD.10056"
	CodeWrongProject         Code = "VOD.10057"
	CodeWrongMethod          Code = "VOD.10058"
	CodeContentType          Code = "VOD.10059"
	CodeNotReleased          Code = "VOD.10060"
	CodeNoSuchAsset          Code = "VOD.10062"
	CodeWrongType            Code = "VOD.10063"
	CodeNoSuchCategory       Code = "VOD.10064"
	CodeCategoryExists       Code = "VOD.10065"
	CodeCategoryTooDeep      Code = "VOD.10066"
	CodeTranscodeFailed      Code = "VOD.10073"
	CodeNoPermission         Code = "VOD.10074"
	CodeWrongAddress         Code = "VOD.10075"
	CodeSourceUnreadable     Code = "VOD.10076"
	CodeIllegalParameters    Code = "VOD.10081"
	CodeWrongState           Code = "VOD.10083"
	CodePublishFailed        Code = "VOD.10094"
	CodeBlocked              Code = "VOD.10099"
	CodeNotEncrypted         Code = "VOD.10101"
	CodeSnapshotFailed       Code = "VOD.10104"
	CodeReviewFailed         Code = "VOD.10105"
	CodeTooManyURLs          Code = "VOD.10109"
	CodeNoEdge               Code = "VOD.10110"
	CodeNoAccess             Code = "VOD.10111"
	CodeBucketForbidden      Code = "VOD.10114"
	CodeBucketInUse          Code = "VOD.10115"
	CodeArrears              Code = "VOD.10120"
	CodeAccountFrozen        Code = "VOD.10132"
	CodeNoResourcePermission Code = "VOD.10133"
	CodeOffline              Code = "VOD.10136"
	CodeTooManyAssets        Code = "VOD.10137"
	CodeOBSPermission        Code = "VOD.10138"
	CodeNoSuchAPI            Code = "APIGW.0101"
	CodeRequestTooLarge      Code = "APIGW.0201"
	CodeNotAuthenticated     Code = "APIGW.0301"
	CodeGatewayForbidden     Code = "APIGW.0302"
	CodeThrottled            Code = "APIGW.0308"
)

const (
	gatewayAlias  = "APIG."
	gatewayPrefix = "APIGW."
)

// Problem explains one error code.
type Problem struct {
	Code Code
	// Status is the HTTP status that this project's service responds with. The cloud is not consistent: most of its codes
	// come with 403, so a client should go by the code.
	Status int
	// Message is what the code means, for error_msg.
	Message string
	// Advice is the next step for the client's user, as a sentence without capital and full stop.
	Advice string
	// Temporary reports whether the same request can succeed later without a change.
	Temporary bool
}

// catalog is in code order, the service's before the gateway's.
var catalog = []Problem{
	{CodeNoSuchObject, 400, "The specified key does not exist.", "check input.bucket and input.object: names are case-sensitive, and there is no leading slash", false},
	{CodeInternal, 500, "Internal system error.", "try again later; report the request id if it persists", true},
	{CodeUnavailable, 503, "The internal communication of the service is abnormal.", "try again later", true},
	{CodeIllegalParameter, 400, "The request parameter is illegal.", "correct the named field; validating a request offline lists every violation", false},
	{CodeIdentityFailed, 403, "Identity authentication failed.", "check the access key or token and that it belongs to this account", false},
	{CodeNoRealName, 403, "The user is not authenticated by real name.", "finish real-name authentication in the account center", false},
	{CodeAccountAbnormal, 403, "The user is in an abnormal state.", "check the account in the console", false},
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
	{CodeIllegalParameters, 400, "The request parameters are illegal.", "correct the request; validating it offline lists every violation", false},
	{CodeWrongState, 403, "The state does not support this operation.", "wait until the asset is ready", false},
	{CodePublishFailed, 403, "Publishing the dumped media asset failed.", "publish it again", false},
	{CodeBlocked, 403, "The media asset is blocked.", "see review_info of the asset's details for what the review found", false},
	{CodeNotEncrypted, 403, "There is no key because the media asset is not encrypted.", "play it without a key, or dump it with auto_encrypt 1 and a template group with HLS output", false},
	{CodeSnapshotFailed, 403, "Taking the snapshots failed.", "check that the file plays and that the timestamps lie inside it", false},
	{CodeReviewFailed, 403, "Reviewing the media asset failed.", "dump it again later; until then it needs a manual review", false},
	{CodeTooManyURLs, 403, "Too many URLs in one preheating task.", "preheat at most 10 URLs in one request", false},
	{CodeNoEdge, 403, "Preheating is impossible because there is no CDN domain.", "add a CDN domain to the service first", false},
	{CodeNoAccess, 403, "No right to access the resource.", "check the project and the permissions of the credentials", false},
	{CodeBucketForbidden, 403, "The bucket is not authorized.", "authorize the bucket for VOD first", false},
	{CodeBucketInUse, 403, "The bucket is an output bucket and stays authorized.", "choose another output bucket first", false},
	{CodeArrears, 403, "The account is in arrears.", "top up the account", false},
	{CodeAccountFrozen, 403, "The account is closed or frozen.", "check the account in the console", false},
	{CodeNoResourcePermission, 403, "No permission on the resource.", "ask the administrator for the permission named in the message", false},
	{CodeOffline, 403, "The feature is temporarily offline.", "try again later", true},
	{CodeTooManyAssets, 403, "Too many assets in one request.", "publish in smaller batches", false},
	{CodeOBSPermission, 403, "No permission on the OBS bucket.", "ask the tenant's administrator to authorize the bucket or to grant OBS permissions", false},
	{CodeNoSuchAPI, 404, "The API does not exist.", "check the endpoint, the path and the project ID in it", false},
	{CodeRequestTooLarge, 413, "Request entity too large.", "send a smaller body", false},
	{CodeNotAuthenticated, 401, "Incorrect IAM authentication information", "check access key, secret key or token, and this machine's clock", false},
	{CodeGatewayForbidden, 403, "The IAM user is not authorized to access the API.", "ask the administrator for VOD permissions", false},
	{CodeThrottled, 429, "The throttling threshold has been reached.", "slow down; the cloud allows 1500 dumps a minute per tenant", true},
}

var byCode = func() map[Code]Problem {
	index := make(map[Code]Problem, len(catalog))
	for _, p := range catalog {
		index[p.Code] = p
	}
	return index
}()

// Catalog returns an iterator over every known error code, whether from this project's service or from the cloud, in
// code order: the service's before the gateway's.
func Catalog() iter.Seq[Problem] { return slices.Values(catalog) }

// Lookup returns the explanation of an error code, and whether there is one. Newer gateways spell APIGW as APIG; both are
// found, and the Problem has the older spelling.
func Lookup(code Code) (Problem, bool) {
	if number, ok := strings.CutPrefix(string(code), gatewayAlias); ok {
		code = gatewayPrefix + Code(number)
	}
	p, ok := byCode[code]
	return p, ok
}
