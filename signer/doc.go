// Package signer authenticates requests to the cloud, and verifies them on the side of a server.
//
// Credentials are either an access key and a secret key, which sign a request with SDK-HMAC-SHA256, or a token of IAM.
// [Signer] and [Verifier] share one canonical form of a request, so they cannot disagree; [Transport] authenticates every
// attempt of a [net/http.Client] by any [Authenticator]; [Chain] finds the credentials that a person already has.
//
// What a signature covers: the method, the path, the query, the body, and the headers that the request names in its
// Authorization. What it does not: a header that is not named, and the difference between a path with and without a
// final slash, which the algorithm erases. Nothing in the scheme stops a replay inside the permitted clock skew.
//
// The package needs nothing but the standard library.
package signer
