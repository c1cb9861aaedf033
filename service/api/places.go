package api

import "sync"

// places bounds what is done at the same time, in all and for each K. The zero value has all places free.
type places[K comparable] struct {
	mu    sync.Mutex
	taken map[K]int
	total int
}

// enter takes a place, until release is called, which may be more than once; false when total or each are taken.
func (p *places[K]) enter(k K, total, each int) (release func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.total >= total || p.taken[k] >= each {
		return nil, false
	}
	if p.taken == nil {
		p.taken = map[K]int{}
	}
	p.total++
	p.taken[k]++
	return sync.OnceFunc(func() { p.leave(k) }), true
}

func (p *places[K]) leave(k K) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total--
	if p.taken[k]--; p.taken[k] == 0 {
		delete(p.taken, k)
	}
}
