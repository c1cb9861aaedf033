package media

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// roomEvery is how often the room is measured that a running program takes.
const roomEvery = time.Second

// checkRoom refuses media of which more is made than most bytes in a directory; 0 allows any number.
func checkRoom(dir string, most int64) error {
	if dir == "" || most == 0 {
		return nil
	}
	var size int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error { // files come and go while it is measured
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	if err == nil && size > most {
		return &Refusal{Kind: TooBig, Reason: fmt.Sprintf("The requested results exceed %d MB, which is too much for media of this size: "+
			"ask for fewer or smaller results.", most>>20)}
	}
	return err
}

// watchRoom ends a program that writes more than most bytes to a directory, until stop is called.
func watchRoom(dir string, most int64, end context.CancelCauseFunc) (stop func()) {
	if dir == "" || most == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(roomEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if err := checkRoom(dir, most); err != nil {
					end(err)
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}
