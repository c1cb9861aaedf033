package contract

// A server that keeps one asset for each Idempotency-Key says so by this header with this value, in every response of the
// API and to OPTIONS on the path of a dump. The cloud sends no such header.
const (
	HeaderIdempotency    = "Vod-Idempotency"
	IdempotencySupported = "supported"
)
