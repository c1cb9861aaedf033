package config

import (
	"slices"
	"strings"
)

// The IAM actions that keys and users may be permitted. Those for dumps, for uploads and for the authorization of buckets are the
// cloud's own; the others follow their pattern.
const (
	ActionDump            = "vod:asset:publishFromObs"
	ActionUpload          = "vod:asset:upload"
	ActionShow            = "vod:asset:get"
	ActionUpdate          = "vod:asset:update"
	ActionPublish         = "vod:asset:publish"
	ActionDelete          = "vod:asset:delete"
	ActionPreheat         = "vod:asset:preheat"
	ActionCipher          = "vod:asset:getCipher"
	ActionAuthorizeBucket = "vod:bucket:authority"
	ActionCreateCategory  = "vod:category:create"
	ActionListCategories  = "vod:category:list"
	ActionUpdateCategory  = "vod:category:update"
	ActionDeleteCategory  = "vod:category:delete"
	ActionListTemplates   = "vod:templateGroup:list"
	// ActionShowUsage is about all projects, and so the only one that "*" does not permit.
	ActionShowUsage = "vod:service:getUsage"
)

// Permissions returns all that the permissions of a key or user may hold: the actions, and two words for all of a project's.
func Permissions() []string {
	return []string{
		"*", "vod:*", ActionDump, ActionUpload, ActionShow, ActionUpdate, ActionPublish, ActionDelete, ActionPreheat, ActionCipher,
		ActionAuthorizeBucket, ActionCreateCategory, ActionListCategories, ActionUpdateCategory, ActionDeleteCategory,
		ActionListTemplates, ActionShowUsage,
	}
}

// Permits reports whether permissions hold an action.
func Permits(permissions []string, action string) bool {
	all := action != ActionShowUsage && (slices.Contains(permissions, "*") || slices.Contains(permissions, "vod:*"))
	return all || slices.Contains(permissions, action)
}

// checkPermissions refuses what would permit nothing without a word.
func checkPermissions(permissions []string, path string, fault func(string, ...any)) {
	if len(permissions) == 0 {
		fault("%s: needs permissions, a list of actions; \"*\" is all of them", path)
	}
	for i, permission := range permissions {
		if all := Permissions(); !slices.Contains(all, permission) {
			fault("%s.permissions[%d]: %q is no action; allowed are %s", path, i, permission, strings.Join(all, ", "))
		}
	}
}
