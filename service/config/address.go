package config

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// checkAddresses checks where the service listens, and where it is reached.
func (c *Config) checkAddresses(fault func(string, ...any)) {
	listeners := []struct{ field, address, example string }{
		{"listen", c.Listen, "127.0.0.1:8470"}, {"store.listen", c.Store.Listen, "127.0.0.1:8471"},
		{"metrics_listen", c.MetricsListen, "127.0.0.1:8472"},
	}
	taken := map[string]string{}
	for _, l := range listeners {
		switch {
		case l.field != "listen" && l.address == "", l.field == "store.listen" && c.Store.Endpoint != "":
		case !isHostPort(l.address):
			fault("%s: %q is not an address; write host:port, such as %s", l.field, l.address, l.example)
		case taken[l.address] != "" && !strings.HasSuffix(l.address, ":0"):
			fault("%s: %s is the address of %s already; give each a port of its own", l.field, l.address, taken[l.address])
		default:
			taken[l.address] = l.field
		}
	}
	if c.PublicURL != "" && !isBase(c.PublicURL) {
		fault("public_url: want http://host or https://host, without a slash at the end")
	}
	if c.Store.Endpoint != "" && !isOrigin(c.Store.Endpoint) {
		fault("store.endpoint: want http://host or https://host, with a port if need be, and nothing behind it")
	}
	for i, p := range c.Proxies {
		if _, err := parseNetwork(p); err != nil {
			fault("proxies[%d]: %q is not an address or network; write 10.0.0.1 or 10.0.0.0/8", i, p)
		}
	}
}

// ProxyNetworks returns Proxies as networks.
func (c Config) ProxyNetworks() (list []netip.Prefix) {
	for _, p := range c.Proxies {
		if network, err := parseNetwork(p); err == nil { // check let it through
			list = append(list, network)
		}
	}
	return list
}

// parseNetwork reads an address or a network.
func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Unmap().Prefix(address.Unmap().BitLen())
	}
	return netip.ParsePrefix(text)
}

// isHostPort reports whether a service can listen on an address, as far as the text shows.
func isHostPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = net.DefaultResolver.LookupPort(context.Background(), "tcp", port) // asks nobody: names are in a file
	return err == nil
}

// isURL reports whether requests can be sent to a URL as it is.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && u.Fragment == "" && isPort(u.Port())
}

// isPort reports whether a URL can have the port, which may be empty.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// isBase reports whether paths can be put behind a URL.
func isBase(base string) bool {
	u, err := url.Parse(base)
	return err == nil && isURL(base) && u.RawQuery == "" && !strings.HasSuffix(u.Path, "/")
}

// isOrigin reports whether a URL is that of an S3 service, which has no path of its own.
func isOrigin(base string) bool {
	u, err := url.Parse(base)
	return err == nil && isBase(strings.TrimSuffix(base, "/")) && (u.Path == "" || u.Path == "/")
}
