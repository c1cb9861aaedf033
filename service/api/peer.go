package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// peers tells clients apart by their addresses.
type peers struct {
	proxies []netip.Prefix // what these say in X-Forwarded-For is believed
}

// of returns who sent a request: an IPv4 address, or the /64 of an IPv6 address, which one customer of a network has.
func (p peers) of(r *http.Request) netip.Prefix {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	address := from.Addr().Unmap()
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	// From the last one back: each proxy appends whom it was asked by, and what came before may be made up.
	for _, text := range slices.Backward(forwarded) {
		if !p.trusted(address) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		address = before.Unmap()
	}
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, _ := address.WithZone("").Prefix(bits) // none for no address
	return network
}

func (p peers) trusted(address netip.Addr) bool {
	return slices.ContainsFunc(p.proxies, func(network netip.Prefix) bool { return network.Contains(address) })
}
