package asset

import (
	"maps"
	"slices"
	"sync"
)

// running is the set of the queue's jobs that this process works on. The zero value is empty.
type running struct {
	mu   sync.Mutex
	jobs map[int64]struct{}
}

// enter adds a job; the result removes it.
func (r *running) enter(job int64) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs == nil {
		r.jobs = map[int64]struct{}{}
	}
	r.jobs[job] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.jobs, job)
	}
}

// list gives the ids of the jobs.
func (r *running) list() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.AppendSeq(make([]int64, 0, len(r.jobs)), maps.Keys(r.jobs)) // never nil: it becomes a JSON array
}
