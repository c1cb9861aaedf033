package ui

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// Disk is the state of a disk, in bytes.
type Disk struct {
	Total int64
	Free  int64 // with what is reserved, without what is kept
	// Reserved is what running work is going to write, and Kept what work leaves to the database and others.
	Reserved, Kept int64
}

// Used is what lies on the disk.
func (d Disk) Used() int64 { return max(0, d.Total-d.Free-d.Kept) }

// Left is what new work can use.
func (d Disk) Left() int64 { return max(0, d.Free-d.Reserved) }

// usageEvery and usageShare bound how often usage is looked up: at most once a minute, and for a part of the time.
const (
	usageEvery = time.Minute
	usageShare = 60
)

// usage is what projects stored when it was last looked up.
type usage struct {
	mu     sync.Mutex
	latest map[string]asset.Usage
	err    error
	at     time.Time
	took   time.Duration
}

// get returns what projects store, and as of when. A visitor who leaves does not end a look that others may wait for.
func (s *usage) get(ctx context.Context, look func(context.Context) (map[string]asset.Usage, error)) (map[string]asset.Usage, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := time.Now()
	if s.at.IsZero() || began.Sub(s.at) > max(usageEvery, usageShare*s.took) {
		s.latest, s.err = look(context.WithoutCancel(ctx))
		s.at, s.took = began, time.Since(began)
	}
	return s.latest, s.at, s.err
}

// storageView is what is stored, and what room is left.
type storageView struct {
	Disk     *Disk // nil for visitors who may not fill it
	Projects []projectUsage
	AsOf     time.Time
}

type projectUsage struct {
	ID string
	asset.Usage
}

func (u *ui) storagePage(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	usage, asOf, err := u.usage.get(r.Context(), u.Assets.Usage)
	if err != nil {
		return err
	}
	page := storageView{AsOf: asOf, Projects: []projectUsage{{v.Project, usage[v.Project]}}}
	if v.MaySeeUsage {
		for _, id := range slices.Sorted(maps.Keys(usage)) {
			if id != v.Project {
				page.Projects = append(page.Projects, projectUsage{id, usage[id]})
			}
		}
	}
	if u.Disk != nil && (v.MayDump || v.MaySeeUsage) {
		disk, err := u.Disk()
		if err != nil {
			return err
		}
		if disk.Kept > 0 { // else the system does not say
			page.Disk = &disk
		}
	}
	u.render(w, r, http.StatusOK, storageTemplate, view{Title: "Storage", Visitor: v, Body: page})
	return nil
}
