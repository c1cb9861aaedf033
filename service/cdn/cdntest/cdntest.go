// Package cdntest runs nginx as a cache in front of a service for tests.
package cdntest

import (
	"fmt"
	"net"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

const config = `
	proxy_cache_path cache keys_zone=media:1m;
	server {
		listen %[1]s;
		location /vod/ {
			proxy_pass %[2]s/;
			proxy_cache media;
			proxy_cache_lock on;
			add_header X-Cache $upstream_cache_status;
		}
	}
`

// Cache is a cache whose address is known before it runs.
type Cache struct {
	Base     string // URL of its files, in place of the origin's
	listener *net.TCPListener
}

// New takes an address for a cache.
func New(t testing.TB) *Cache {
	t.Helper()
	servicetest.SkipShort(t, "it needs nginx")
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return &Cache{Base: "http://" + listener.Addr().String() + "/vod", listener: listener}
}

// Start runs the cache in front of origin, a URL, until the test ends.
func (c *Cache) Start(t testing.TB, origin string) {
	t.Helper()
	servicetest.StartNginx(t, c.listener, fmt.Sprintf(config, c.listener.Addr(), origin))
}
