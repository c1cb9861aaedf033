package main

import (
	"bytes"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
)

func pointer[T any](v T) *T { return &v }

// On a terminal one asset is shown whole.
func TestAssetForPeople(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &session{out: &out}
	err := s.printAsset(companions.AssetInfo{
		AssetID: "a1", Status: companions.AssetStatusOBSCreating, Description: pointer("copying\x1b[2J"),
		BaseInfo: &companions.BaseInfo{
			Title: pointer("Holiday"), VideoType: pointer("MP4"), CategoryName: pointer("Other"), Tags: pointer("sea,sun"),
			CreateTime: pointer("20260116080000"), LastModified: pointer("soon"), VideoURL: pointer("https://play.example.com/a1.mp4"),
			Processing: []companions.ProcessingStep{
				{Name: "copy", State: companions.StepStateRunning, Bytes: pointer(int64(5)), Total: pointer(int64(10))},
				{Name: "transcode", State: companions.StepStateRunning, Progress: pointer(int32(42))},
				{Name: "snapshot", State: companions.StepStateNotDone, Error: pointer("no snapshots here")},
			},
		},
		PlayInfoArray: []companions.PlayInfo{{PlayType: pointer("hls"), URL: pointer("https://play.example.com/a1.m3u8")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `asset           a1
state           OBS_CREATING
remark          copying�[2J
title           Holiday
type            MP4
category        Other
tags            sea,sun
created         2026-01-16T08:00:00Z
changed         soon
url             https://play.example.com/a1.mp4
step copy       running, 5 of 10 bytes
step transcode  running, 42 %
step snapshot   not_done: no snapshots here
plays hls       https://play.example.com/a1.m3u8
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTableForPeople(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &session{out: &out}
	err := s.printTable([]companions.AssetInfo{
		{AssetID: "a1", Status: companions.AssetStatusPublished, BaseInfo: &companions.BaseInfo{Title: pointer("Tabs\tand\nlines")}},
		{AssetID: "a2", Status: companions.AssetStatusNoAsset},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `ID  STATE      TITLE           REMARK
a1  PUBLISHED  Tabs and�lines  
a2  NO_ASSET                   
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
