package bulk

import (
	"context"
	"encoding/hex"
	"iter"
)

// Sources are read one after the other. Objects that several of them name are dumped once.
type Sources []Source

// Entries yields the entries of every source.
func (s Sources) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, source := range s {
			for entry, err := range source.Entries(ctx) {
				if !yield(entry, err) || err != nil {
					return
				}
			}
		}
	}
}

// Fingerprint joins those of the sources; it is empty when one of them has none.
func (s Sources) Fingerprint(ctx context.Context) (string, error) {
	var all []string
	for _, source := range s {
		one, err := source.Fingerprint(ctx)
		if err != nil || one == "" {
			return "", err
		}
		all = append(all, one)
	}
	return hex.EncodeToString(digest(all...)), nil
}

// Complete tells whether every source is.
func (s Sources) Complete() bool {
	for _, source := range s {
		if !source.Complete() {
			return false
		}
	}
	return true
}
