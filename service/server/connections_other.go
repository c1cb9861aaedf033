//go:build !unix

package server

// maxConnections is the default: descriptors are not counted here.
func maxConnections() int { return defaultConnections }
