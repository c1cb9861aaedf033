package store

import (
	"strings"
	"testing"
)

func TestCheckVersion(t *testing.T) {
	t.Parallel()
	for number, refused := range map[int]string{
		90603: "PostgreSQL 9,", 130022: "PostgreSQL 13,", 140000: "", 180001: "",
	} {
		err := checkVersion(number)
		if refused == "" && err != nil || refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%d: %v", number, err)
		}
	}
}
