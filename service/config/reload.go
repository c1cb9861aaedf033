package config

import (
	"reflect"
	"slices"
	"strings"
)

// reloadable are the fields that a running service takes from a changed file.
var reloadable = []string{"proxies", "requests_per_minute", "template_groups", "workflows", "projects", "credentials", "users"}

// Reload returns c with what a running service can take from next, and the names of the other fields that differ: they
// need a restart.
func (c Config) Reload(next Config) (merged Config, restart []string) {
	merged = c
	to, from := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(next)
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case slices.Contains(reloadable, name):
			to.Field(i).Set(from.Field(i))
		case !reflect.DeepEqual(to.Field(i).Interface(), from.Field(i).Interface()):
			restart = append(restart, name)
		}
	}
	return merged, restart
}
