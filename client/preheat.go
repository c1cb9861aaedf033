package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Preheat starts the loading of media into the CDN and returns the ID of the task, for PreheatResults. The request names
// one published asset, or 1 to 10 URLs. Loading the same media twice changes nothing, so it is
// repeated after temporary failures.
func (c *Client) Preheat(ctx context.Context, request *companions.PreheatRequest) (taskID string, err error) {
	const op = "preheat"
	if violations := contract.ValidatePreheat(request); len(violations) > 0 {
		return "", &ValidationError{Op: op, Violations: violations}
	}
	content, err := json.Marshal(request)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	err = c.do(ctx, call{
		op:      op,
		success: http.StatusAccepted,
		request: func() (*http.Request, error) {
			return companions.NewCreatePreheatingAssetRequestWithBody(c.base, c.projectID, mediaType, bytes.NewReader(content))
		},
		accept: func(a *response) (err error) {
			if taskID, err = a.field("task_id"); err == nil && taskID == "" {
				err = errors.New("its task_id is empty")
			}
			return err
		},
	})
	if err != nil {
		return "", err
	}
	return taskID, nil
}

// PreheatResults returns the results for the URLs of a preheating task, in the server's order. None is processing any more
// when the task has ended. A task that does not exist is an APIError.
func (c *Client) PreheatResults(ctx context.Context, taskID string) ([]companions.PreheatResult, error) {
	const op = "preheat results"
	params := &companions.ShowPreheatingAssetParams{TaskID: taskID}
	if violations := contract.Check(params); len(violations) > 0 {
		return nil, &ValidationError{Op: op, Violations: violations}
	}
	var results companions.PreheatResults
	err := c.do(ctx, call{
		op: op,
		request: func() (*http.Request, error) {
			return companions.NewShowPreheatingAssetRequest(c.base, c.projectID, params)
		},
		accept: func(a *response) error {
			results = companions.PreheatResults{}
			if err := a.into(&results); err != nil {
				return err
			}
			if results.PreheatingResults == nil {
				return errors.New("it has no preheating_results")
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	return results.PreheatingResults, nil
}
