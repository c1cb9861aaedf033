package config

// The frames that are reviewed, where the configuration does not say.
const (
	defaultReviewSeconds = 10
	defaultReviewFrames  = 60
	mostReviewFrames     = 400
)

// Review is the moderation endpoint, see docs/moderation.md.
type Review struct {
	URL   Secret `yaml:"url,omitempty"`   // http:// or https://; its path or query may hold a token
	Token Secret `yaml:"token,omitempty"` // sent as a bearer token; empty is none
	// EverySeconds is the distance of the frames that are judged, 1 to 3600; 0 is 10.
	EverySeconds int `yaml:"every_seconds,omitempty"`
	// MaxFrames bounds them, 1 to 400; 0 is 60. Long videos have frames further apart.
	MaxFrames int `yaml:"max_frames,omitempty"`
}

func (r *Review) check(fault func(format string, args ...any)) {
	if *r == (Review{}) {
		return
	}
	if r.URL == "" {
		fault("review: needs url")
	} else if !isURL(r.URL.Reveal()) {
		fault("review.url: want http://host or https://host, with a path if need be, and without a user, password or fragment")
	}
	if r.EverySeconds == 0 {
		r.EverySeconds = defaultReviewSeconds
	}
	if r.MaxFrames == 0 {
		r.MaxFrames = defaultReviewFrames
	}
	if r.EverySeconds < 1 || r.EverySeconds > 3600 || r.MaxFrames < 1 || r.MaxFrames > mostReviewFrames {
		fault("review: want every_seconds 1 to 3600 and max_frames 1 to %d", mostReviewFrames)
	}
}
