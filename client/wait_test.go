package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// stands is a poll that finds the asset in a state, with a description if there is one.
func stands(status string, description ...string) step {
	return ok(info, fmt.Sprintf(`{"asset_info_array":[{"asset_id":%q,"status":%q,"description":%q}],"is_truncated":0,"total":1}`,
		assetID, status, strings.Join(description, "")))
}

func repeat(n int, steps ...step) []step { return slices.Repeat(steps, n) }

func TestWait(t *testing.T) {
	t.Parallel()
	busy := step{want: info, status: 502}
	denied := refusal(info, 403, "VOD.10074", "no")
	noSuch := refusal(info, 404, "VOD.10062", "no such asset")
	tests := []struct {
		name   string
		steps  []step
		option []client.WaitOption
		status companions.AssetStatus
		kind   string   // empty for success
		said   []string // in the error or its hint
	}{
		{"published at once", []step{stands("PUBLISHED")}, nil, "PUBLISHED", "", nil},
		{"created", []step{stands("OBS_CREATING"), stands("CREATED")}, nil, "CREATED", "", nil},
		{"transcoded", []step{stands("WAITING_TRANSCODE"), stands("TRANSCODING"), stands("TRANSCODE_SUCCEED")}, nil, "TRANSCODE_SUCCEED", "", nil},
		{"dumped", []step{stands("OBS_CREATE_SUCCESS")}, nil, "OBS_CREATE_SUCCESS", "", nil},
		{"until published", []step{stands("OBS_CREATE_SUCCESS"), stands("CREATED"), stands("TRANSCODE_SUCCEED"), stands("PUBLISHED")},
			[]client.WaitOption{client.UntilPublished()}, "PUBLISHED", "", nil},
		{"a state of the future", []step{stands("MOON_LANDING"), stands("PUBLISHED")}, nil, "PUBLISHED", "", nil},
		{"failed", []step{stands("OBS_CREATING"), stands("OBS_CREATE_FAILED", "VOD.10076: the object is archived")}, nil, "OBS_CREATE_FAILED", "job",
			[]string{"ended as OBS_CREATE_FAILED: VOD.10076: the object is archived", "not archived"}},
		{"transcoding failed", []step{stands("TRANSCODE_FAILED")}, nil, "TRANSCODE_FAILED", "job", []string{"ended as TRANSCODE_FAILED"}},
		{"cancelled", []step{stands("CANCELLED")}, nil, "CANCELLED", "job", nil},
		{"being deleted", []step{stands("DELETING")}, nil, "DELETING", "job", nil},
		{"the reason stands in a step", []step{ok(info, `{"asset_info_array":[{"asset_id":"`+assetID+`","status":"OBS_CREATE_FAILED",
			"base_info":{"processing":[{"name":"copy","state":"done"},{"name":"verify","state":"failed","error":"size differs"}]}}]}`)}, nil,
			"OBS_CREATE_FAILED", "job", []string{"verify: size differs"}},
		{"not there yet", []step{stands("NOASSET"), noSuch, ok(info, `{"asset_info_array":[]}`), stands("UNCREATED"), stands("PUBLISHED")}, nil, "PUBLISHED", "", nil},
		{"never there", repeat(7, stands("NO_ASSET", "no asset")), nil, "NO_ASSET", "job", []string{"no asset"}},
		{"never there, as an error", repeat(7, noSuch), nil, "", "api", []string{"VOD.10062"}},
		{"there and gone", []step{stands("OBS_CREATING"), stands("NO_ASSET")}, nil, "NO_ASSET", "job", nil},
		{"a bad patch", slices.Concat(repeat(30, busy), []step{stands("CREATED")}), nil, "CREATED", "", nil},
		{"several bad patches", slices.Concat(repeat(30, busy), []step{stands("CREATING")}, repeat(30, busy), []step{stands("CREATED")}), nil, "CREATED", "", nil},
		{"bad for good", slices.Concat([]step{stands("OBS_CREATING")}, repeat(33, busy)), nil, "OBS_CREATING", "api", []string{"Bad Gateway"}},
		{"refused", []step{denied}, nil, "", "api", []string{"VOD.10074"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			asset, err := connect(t, script(t, clock, test.steps...).URL, clock).Wait(t.Context(), assetID, test.option...)
			switch {
			case test.kind == "" && err != nil:
				t.Fatal(err)
			case test.kind != "" && (err == nil || kindOf(err) != test.kind):
				t.Fatalf("Wait gave %v, want it to fail as %q", err, test.kind)
			}
			if asset.AssetID != assetID || asset.Status != test.status {
				t.Errorf("asset %s %s, want %s", asset.AssetID, asset.Status, test.status)
			}
			for _, text := range test.said {
				if said := err.Error() + "\n" + client.Hint(err); !strings.Contains(said, text) {
					t.Errorf("%q is missing in:\n%s", text, said)
				}
			}
		})
	}
}

// TestWaitPace pins the pauses: 2 s growing by half up to 30 s, each with half of a tenth of jitter on top.
func TestWaitPace(t *testing.T) {
	t.Parallel()
	clock := newClock()
	steps := append(repeat(9, stands("OBS_CREATING")), stands("PUBLISHED"))
	if _, err := connect(t, script(t, clock, steps...).URL, clock).Wait(t.Context(), assetID); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, pause := range clock.slept() {
		got = append(got, (pause * 100 / 105).Round(time.Millisecond).String())
	}
	want := "2s 3s 4.5s 6.75s 10.125s 15.188s 22.781s 30s 30s"
	if strings.Join(got, " ") != want {
		t.Errorf("pauses %s, want %s", strings.Join(got, " "), want)
	}
}

// TestWaitObeysRetryAfter shows that a poll which is turned away makes the next one later.
func TestWaitObeysRetryAfter(t *testing.T) {
	t.Parallel()
	clock := newClock()
	slow := refusal(info, 429, "APIGW.0308", "slow", "Retry-After", "60")
	if _, err := connect(t, script(t, clock, slow, stands("PUBLISHED")).URL, clock).Wait(t.Context(), assetID); err != nil {
		t.Fatal(err)
	}
	if got := clock.slept(); len(got) != 1 || got[0] < time.Minute {
		t.Errorf("pauses %v, want one of at least a minute", got)
	}
}

func TestWaitStopped(t *testing.T) {
	t.Parallel()
	for status, want := range map[companions.AssetStatus]string{
		companions.AssetStatusTranscoding: "it was TRANSCODING: ",
		companions.AssetStatusCreating:    "it was CREATING, as an upload is until it is confirmed: ",
	} {
		clock := newClock()
		ctx, stop := context.WithCancelCause(t.Context())
		clock.onSleep = func(n int) {
			if n == 2 {
				stop(errors.New("interrupt signal received"))
			}
		}
		asset, err := connect(t, script(t, clock, stands("OBS_CREATING"), stands(string(status))).URL, clock).Wait(ctx, assetID)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), want) {
			t.Errorf("Wait gave %v, want %q", err, want)
		}
		if asset.Status != status || client.Retryable(err) {
			t.Errorf("status %s, retryable %t", asset.Status, client.Retryable(err))
		}
	}
}

func TestPhaseOf(t *testing.T) {
	t.Parallel()
	for status, want := range map[companions.AssetStatus]client.Phase{
		companions.AssetStatusOBSCreating:     client.InProgress,
		companions.AssetStatusTranscoding:     client.InProgress,
		"SOMETHING_NEW":                       client.InProgress,
		companions.AssetStatusCreated:         client.Ready,
		companions.AssetStatusPublished:       client.Ready,
		companions.AssetStatusOBSCreateFailed: client.Failed,
		companions.AssetStatusDeleting:        client.Failed,
		companions.AssetStatusNoAsset:         client.Failed,
	} {
		if got := client.PhaseOf(status); got != want {
			t.Errorf("%s: %d, want %d", status, got, want)
		}
	}
}
