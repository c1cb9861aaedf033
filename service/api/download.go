package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

const (
	// maxDownloads leaves the dumps and the jobs their share of the store's connections, however many viewers come.
	maxDownloads = 512
	// maxRanges bounds what one request for media asks of the store, which is asked for every range. RFC 9110 lets a
	// server respond with the whole file instead.
	maxRanges = 16
	// stallAfter is how long a viewer may take nothing of a download; without a limit one who never reads would hold
	// a connection to the store for ever.
	stallAfter = time.Minute
)

// bounded refuses downloads beyond maxDownloads and ignores the ranges of a request with more than maxRanges.
func (s *Server) bounded(next http.HandlerFunc) http.HandlerFunc {
	slots := make(chan struct{}, maxDownloads)
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			s.fail(w, r, refuse(contract.CodeUnavailable, "too many downloads at the same time"))
			return
		}
		if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
			r = r.Clone(r.Context())
			r.Header.Del("Range")
		}
		next(w, r)
	}
}

// download is a response that may take hours as long as it moves, and that refuses a range in the contract's error shape
// instead of http.ServeContent's plain text.
type download struct {
	http.ResponseWriter
	refuse  func()
	refused bool
}

func (d *download) WriteHeader(status int) {
	if d.refused = status == http.StatusRequestedRangeNotSatisfiable; d.refused {
		d.refuse()
		return
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d *download) Write(b []byte) (int, error) {
	if d.refused {
		return len(b), nil
	}
	// Where there is no connection to set a deadline for, as in a test, there is nothing that can stall.
	_ = http.NewResponseController(d.ResponseWriter).SetWriteDeadline(time.Now().Add(stallAfter))
	return d.ResponseWriter.Write(b)
}
