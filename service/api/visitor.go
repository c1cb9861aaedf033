package api

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// Visitor is a user of the pages. The zero Visitor is nobody and may do nothing.
type Visitor struct {
	Name    string
	Project string
	// What the visitor may do, for a page to offer no more; every action checks it again.
	MayDump, MayPublish, MayDelete bool
	// MaySeeUsage is about all projects.
	MaySeeUsage bool

	caller caller
}

func visitorOf(who caller) Visitor {
	return Visitor{
		Name: who.name, Project: who.project, caller: who,
		MayDump: who.may(config.ActionDump), MayPublish: who.may(config.ActionPublish), MayDelete: who.may(config.ActionDelete),
		MaySeeUsage: who.may(config.ActionShowUsage),
	}
}

// Refusal is what a visitor is told about an action that was refused.
type Refusal struct {
	Code    contract.Code
	Message string
	Advice  string // the next step; may be empty
	Status  int    // of HTTP
	// Fields are the faults of a request's fields, where it has any.
	Fields contract.Violations
}

// RefusalOf returns the refusal behind the error of a visitor's action; ok is false for a fault of the service, which is
// for its log alone.
func RefusalOf(err error) (_ Refusal, ok bool) {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		return Refusal{}, false
	}
	known, _ := contract.Lookup(p.code)
	return Refusal{Code: p.code, Message: p.message, Advice: known.Advice, Status: p.status, Fields: p.violations}, true
}

// Choices are values of a request that this service takes from the visitor, each sorted.
type Choices struct {
	Region                             string
	Buckets, TemplateGroups, Workflows []string // Buckets are those that are authorized
}

// Choices returns what a visitor can choose from.
func (s *Server) Choices(ctx context.Context, v Visitor) (Choices, error) {
	c := Choices{Region: s.service.Region}
	for _, bucket := range slices.Sorted(maps.Keys(s.tenants.buckets[v.Project])) {
		open, err := s.assets.Authorized(ctx, v.Project, bucket)
		if err != nil {
			return Choices{}, err
		}
		if open {
			c.Buckets = append(c.Buckets, bucket)
		}
	}
	for _, g := range s.service.TemplateGroups {
		c.TemplateGroups = append(c.TemplateGroups, g.Name)
	}
	for _, f := range s.service.Workflows {
		c.Workflows = append(c.Workflows, f.Name)
	}
	slices.Sort(c.TemplateGroups)
	slices.Sort(c.Workflows)
	return c, nil
}

// permit refuses what a visitor may not do.
func (v Visitor) permit(action string) error {
	if !v.caller.may(action) {
		return refuse(contract.CodeNoPermission, "%s needs %s", v.Name, action)
	}
	return nil
}

// Dump accepts a request of a visitor: body is that of the API's call, key its Idempotency-Key. It returns nothing but the ID
// of an asset that was made under the key and deleted since.
func (s *Server) Dump(ctx context.Context, v Visitor, body []byte, key string) (asset.Asset, error) {
	if err := v.permit(config.ActionDump); err != nil {
		return asset.Asset{}, err
	}
	request, violations := contract.Parse(body)
	if len(violations) > 0 {
		return asset.Asset{}, illegal(violations)
	}
	id, _, err := s.accept(ctx, v.Project, request, body, key)
	if err != nil {
		return asset.Asset{}, err
	}
	a, err := s.assets.Get(ctx, v.Project, id)
	if errors.Is(err, asset.ErrNotFound) {
		return asset.Asset{ID: id}, nil
	}
	return a, err
}

// Publish makes an asset of the visitor's project public.
func (s *Server) Publish(ctx context.Context, v Visitor, id string) error {
	return s.moveFor(ctx, v, id, s.assets.Publish)
}

// Unpublish takes an asset of the visitor's project out of the public.
func (s *Server) Unpublish(ctx context.Context, v Visitor, id string) error {
	return s.moveFor(ctx, v, id, s.assets.Unpublish)
}

func (s *Server) moveFor(ctx context.Context, v Visitor, id string, move moveFunc) error {
	if err := v.permit(config.ActionPublish); err != nil {
		return err
	}
	_, err := move(ctx, v.Project, id)
	switch {
	case errors.Is(err, asset.ErrNotReady):
		return refuse(contract.CodeWrongState, "").withStatus(http.StatusConflict)
	case errors.Is(err, asset.ErrBlocked):
		return refuse(contract.CodeBlocked, "").withStatus(http.StatusConflict)
	}
	return assetProblem(err)
}

// Delete deletes an asset of the visitor's project with its files, in any state.
func (s *Server) Delete(ctx context.Context, v Visitor, id string) error {
	if err := v.permit(config.ActionDelete); err != nil {
		return err
	}
	return assetProblem(s.assets.Delete(ctx, v.Project, id))
}
