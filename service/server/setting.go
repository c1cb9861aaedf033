package server

import (
	"errors"
	"fmt"
)

// SettingError means that a service cannot start as it is set up.
type SettingError struct {
	Err    error
	Advice string // which setting to change
}

// Error returns what is wrong.
func (e *SettingError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *SettingError) Unwrap() error { return e.Err }

// checkRole refuses a role that lacks what its processes share.
func (c Config) checkRole() error {
	if c.Role != RoleAll && c.Service.Database == "" {
		return &SettingError{
			fmt.Errorf("the role %s needs a database that processes can share", c.Role),
			"set database in the configuration, or VOD_DATABASE, to the URL of a PostgreSQL database",
		}
	}
	if c.Role == RoleWorker && c.Service.PublicURL == "" {
		return &SettingError{
			errors.New("a worker needs public_url: it writes the addresses at which the API hands out media"),
			"set public_url in the configuration to the address at which clients reach the API",
		}
	}
	return nil
}
