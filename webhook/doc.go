// Package webhook is for receivers of the notifications that VOD sends over HTTP when something has become of an asset:
// it verifies their signature and decodes them. It imports the standard library only.
//
// A notification is a POST of {"message": "..."}, where message is a JSON document of its own, as text:
//
//	{"event_type": "createComplete", "event_id": "...", "create_info": {"asset_id": "...", "status": "SUCCEED", ...}}
//
// The field beside event_id is named transcode_info, thumbnail_info and review_info for the other types. event_id is an
// addition of this project to what the cloud sends: it stays the same when a notification is sent again, so that a
// receiver can drop what it has seen. Receivers respond with any status 2xx.
//
// The header auth_timestamp holds the time of sending and auth_sign the HMAC-SHA256 of "VOD_{timestamp}_{message}" under
// the key that both sides share, where message is the text above without the escapes of the outer JSON. Check it with
// [Verify] before [Parse]; the package's example is a complete receiver. An nginx in front of one drops both headers
// unless underscores_in_headers is on.
//
// The vendor's documentation leaves two questions open. How auth_sign is encoded: its Java sample prints lower-case
// hexadecimal digits, so [Sign] does. In which unit auth_timestamp counts: this project's service sends milliseconds, as
// Java programs do; the signature holds for either.
package webhook
