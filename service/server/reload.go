package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/notify"
	"github.com/vod-reproduction/vod/service/ui"
)

// live is what follows from the part of the configuration that can change while the service runs.
type live struct {
	config   Config
	routes   http.Handler
	notifier *notify.Notifier
	wants    func(project string, t asset.EventType) bool
}

// authorizes reports whether the configuration opens a bucket of a project to the service.
func (l *live) authorizes(project, bucket string) bool {
	for _, p := range l.config.Service.Projects {
		if p.ID == project && slices.ContainsFunc(p.Buckets, func(b config.Bucket) bool { return b.Name == bucket && b.Authorized }) {
			return true
		}
	}
	return false
}

// load puts a configuration into force. Requests under way end with the former one.
func (s *Server) load(ctx context.Context, c Config) error {
	if err := s.prepare(ctx, s.live.Load(), c.Service); err != nil {
		return err
	}
	handler := api.New(api.Config{
		Service: c.Service, PublicURL: s.url, Assets: s.assets, Objects: s.objects, Keys: s.keyring, Log: c.Log, Now: time.Now,
		Limits: &s.limits, Observe: s.requestEnded, AssetPage: func(id string) string { return ui.AssetPath(uiPrefix, id) },
	})
	notifier, err := notify.New(c.Service.Projects, handler.FileURL)
	if err != nil {
		return err
	}
	former := s.live.Swap(&live{config: c, routes: s.routes(handler, c), notifier: notifier, wants: notify.Wants(c.Service.Projects)})
	if former != nil {
		former.notifier.CloseIdleConnections()
	}
	return nil
}

// Reload takes projects, keys, users, templates, workflows and the limit of requests from a changed configuration, checked
// already, and reads the certificate again. No request is dropped; tokens stay valid unless their user's password changed.
// It returns the names of other fields that differ and need a restart. After an error the former configuration is in force.
func (s *Server) Reload(ctx context.Context, next config.Config) (restart []string, err error) {
	c := s.live.Load().config
	c.Service, restart = c.Service.Reload(next)
	certificate, err := readCertificate(c.Service.TLS)
	if err != nil {
		return nil, err
	}
	if err := s.load(ctx, c); err != nil {
		return nil, err
	}
	s.certificate.Store(certificate)
	return restart, nil
}

// readCertificate reads the files of a certificate; nil when there is to be none.
func readCertificate(files config.TLS) (*tls.Certificate, error) {
	if !files.Enabled() {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	return &pair, nil
}

// digest stands for the configuration in force.
func (s *Server) digest() string { return s.live.Load().config.Service.Digest() }

// wants reports whether a project has a callback for events of a type.
func (s *Server) wants(project string, t asset.EventType) bool {
	return s.live.Load().wants(project, t)
}

// Notify implements jobs.Notifier.
func (s *Server) Notify(ctx context.Context, e asset.Event, a asset.Asset) error {
	return s.live.Load().notifier.Notify(ctx, e, a)
}
