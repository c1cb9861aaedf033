package asset

import "sync"

// shares bounds what each project has under way at the same time.
type shares struct {
	mu   sync.Mutex
	busy map[string]int
}

// enter takes a place for a project until leave is called; ok is false when it has as many as it may.
func (s *shares) enter(project string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[project] >= perProject {
		return nil, false
	}
	if s.busy == nil {
		s.busy = map[string]int{}
	}
	s.busy[project]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.busy[project]--; s.busy[project] == 0 {
			delete(s.busy, project)
		}
	}, true
}
