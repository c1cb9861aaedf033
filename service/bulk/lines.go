package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// readLines yields request bodies and addresses, one a line. Raw is good until the next line.
func readLines(r *bufio.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var long []byte
		for number := int64(1); ; number++ {
			line, tooLong, err := readLine(r, &long)
			if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
				if !errors.Is(err, io.EOF) {
					yield(Entry{}, err)
				}
				return
			}
			entry := Entry{Line: number, Raw: bytes.TrimSpace(bytes.TrimPrefix(line, byteOrderMark))}
			if tooLong {
				entry.Raw = bytes.Clone(line[:maxRaw])
				entry.Violations = contract.Violations{{Rule: "json", Message: fmt.Sprintf(
					"is longer than %d MB; a manifest has one request body a line", contract.MaxBodyBytes>>20)}}
			}
			if !tooLong && isNoText(entry.Raw) {
				yield(Entry{}, fmt.Errorf("line %d %w", number, ErrEncoding))
				return
			}
			if address, ok := bytes.CutPrefix(entry.Raw, []byte(addressScheme)); ok && !tooLong {
				entry = addressed(entry, string(address))
			}
			if len(entry.Raw) == 0 {
				continue
			}
			if entry.Raw[0] != '{' && len(entry.Violations) == 0 {
				entry.Violations = contract.Violations{{Rule: "json", Message: "is neither a request body nor an address, obs://BUCKET/KEY"}}
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// addressed is an entry for the object that a line names. Everything else comes from the defaults.
func addressed(e Entry, address string) Entry {
	bucket, key, fault := splitAddress(address)
	if fault != nil {
		e.Violations = fault
		return e
	}
	body := map[string]any{"input": map[string]string{"bucket": bucket, "object": key}}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // texts can always be written
	}
	e.Raw = raw
	return e
}

// addressScheme begins the address of an object.
const addressScheme = "obs://"

// splitAddress returns what an address names behind its scheme, or what is wrong with it.
func splitAddress(address string) (bucket, key string, fault contract.Violations) {
	bucket, key, _ = strings.Cut(address, "/")
	if bucket == "" || key == "" || strings.HasSuffix(key, "/") {
		fault = contract.Violations{{
			Field: "input.object", Rule: "address",
			Message: "the address names no object; all objects below it are a SOURCE of their own",
		}}
	}
	return bucket, key, fault
}

// readLine reads to the end of a line and keeps at most MaxBodyBytes of it.
func readLine(r *bufio.Reader, long *[]byte) (line []byte, tooLong bool, err error) {
	line, err = r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, false, err
	}
	*long = append((*long)[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = r.ReadSlice('\n')
		if len(*long)+len(line) > contract.MaxBodyBytes {
			tooLong = true
			continue
		}
		*long = append(*long, line...)
	}
	return *long, tooLong, err
}
