package config

import (
	"slices"

	"github.com/vod-reproduction/vod/service/asset"
)

// Callback is where the events of a project's assets go, signed as the cloud signs them.
type Callback struct {
	URL Secret `yaml:"url"` // http:// or https://; its path or query may hold a token
	Key Secret `yaml:"key"` // signs the notifications
	// Events are the ones to send; empty is all of them.
	Events []asset.EventType `yaml:"events,omitempty"`
}

func (c *Callback) check(where string, fault func(format string, args ...any)) {
	if c.URL == "" || c.Key == "" {
		fault("%s: needs url and key", where)
	} else if !isURL(c.URL.Reveal()) {
		fault("%s.url: want http://host or https://host, with a path if need be, and without a user, password or fragment", where)
	}
	for i, e := range c.Events {
		if !slices.Contains(asset.EventTypes(), e) {
			fault("%s.events[%d]: there is no event %q; want one of %v", where, i, e, asset.EventTypes())
		}
	}
}

// Wants reports whether an event is to be delivered; without a callback none is.
func (c *Callback) Wants(event asset.EventType) bool {
	return c != nil && (len(c.Events) == 0 || slices.Contains(c.Events, event))
}
