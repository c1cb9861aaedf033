package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/vod-reproduction/vod/service/config"
)

// AddressError means that an address of the configuration cannot be listened on, most often because another program does.
type AddressError struct {
	Setting string // the field of the configuration
	Address string // host:port
	Err     error  // without the address
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("cannot listen on %s (%s): %v", e.Address, e.Setting, e.Err)
}

func (e *AddressError) Unwrap() error { return e.Err }

// listen takes the address of the API and looks whether that of the embedded store is free, before anything is written:
// a start that fails for a port that is in use leaves nothing behind.
func listen(ctx context.Context, c config.Config) (net.Listener, error) {
	bind := func(setting, address string) (net.Listener, error) {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			var op *net.OpError
			if errors.As(err, &op) {
				err = op.Err
			}
			var call *os.SyscallError
			if errors.As(err, &call) {
				err = call.Err
			}
			return nil, &AddressError{Setting: setting, Address: address, Err: err}
		}
		return listener, nil
	}
	api, err := bind("listen", c.Listen)
	if err != nil || c.Store.Endpoint != "" || c.Store.Listen == "" {
		return api, err
	}
	// The store opens its address itself, later.
	store, err := bind("store.listen", c.Store.Listen)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		return nil, errors.Join(err, api.Close())
	}
	return api, nil
}

// publicURL is the configured URL, or that of the listener where it names a single address.
func publicURL(c config.Config, listening net.Addr) (string, error) {
	if c.PublicURL != "" {
		return c.PublicURL, nil
	}
	if tcp, ok := listening.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return "", errors.New("listening on every address: public_url must say how clients reach the service")
	}
	return c.Scheme() + listening.String(), nil
}
