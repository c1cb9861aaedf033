package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// byteSize is a flag such as 10MB or 1GiB.
type byteSize int64

func (s *byteSize) String() string {
	if *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

func (s *byteSize) Type() string { return "SIZE" }

func (s *byteSize) Set(text string) error {
	digits := strings.TrimRight(text, "BKMGTibkmgt")
	unit, ok := map[string]int64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}[strings.ToLower(text[len(digits):])]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ok || n < 0 || n > (1<<62)/unit {
		return fmt.Errorf("must be a number of bytes, or one with KB, MB, GB, TB, KiB, MiB, GiB or TiB")
	}
	*s = byteSize(n * unit)
	return nil
}

// encodingFlag is a flag that takes the name of an encoding, as the web has them.
type encodingFlag struct {
	encoding.Encoding
	given string
}

func (e *encodingFlag) String() string { return e.given }
func (e *encodingFlag) Type() string   { return "NAME" }

func (e *encodingFlag) Set(text string) (err error) {
	e.given = text
	if e.Encoding, err = htmlindex.Get(text); err != nil {
		return errors.New("must be the name of an encoding, such as gb18030, big5, shift_jis, utf-16le or windows-1252")
	}
	return nil
}

// timeFlag is a flag that takes a date, a time or an age.
type timeFlag struct {
	time.Time
	given string
}

func (m *timeFlag) String() string { return m.given }
func (m *timeFlag) Type() string   { return "TIME" }

func (m *timeFlag) Set(text string) error {
	m.given = text
	if age, err := time.ParseDuration(text); err == nil && age >= 0 {
		m.Time = time.Now().Add(-age)
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			m.Time = t
			return nil
		}
	}
	return fmt.Errorf("must look like 2026-01-31, 2026-01-31T08:00:00Z or 36h")
}
