package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
)

// printAsset shows a person all that is known about one asset.
func (s *session) printAsset(info companions.AssetInfo) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(w, "%s\t%s\n", name, printable(value)) // the writer keeps its first error for Flush
		}
	}
	row("asset", info.AssetID)
	row("state", string(info.Status))
	row("remark", valueOf(info.Description))
	if base := info.BaseInfo; base != nil {
		row("title", valueOf(base.Title))
		row("type", valueOf(base.VideoType))
		row("category", valueOf(base.CategoryName))
		row("tags", valueOf(base.Tags))
		row("created", readableTime(valueOf(base.CreateTime)))
		row("changed", readableTime(valueOf(base.LastModified)))
		row("url", valueOf(base.VideoURL))
		for _, step := range base.Processing {
			row("step "+printable(step.Name), describeStep(step))
		}
	}
	for _, play := range info.PlayInfoArray {
		row("plays "+printable(valueOf(play.PlayType)), valueOf(play.URL))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// current gives the step that is being worked on, nil when there is none.
func current(info companions.AssetInfo) *companions.ProcessingStep {
	if info.BaseInfo == nil {
		return nil
	}
	for i, step := range info.BaseInfo.Processing {
		if step.State == companions.StepStateRunning {
			return &info.BaseInfo.Processing[i]
		}
	}
	return nil
}

// describeStep tells how far a step is.
func describeStep(step companions.ProcessingStep) string {
	text := string(step.State)
	if total := valueOf(step.Total); total > 0 {
		text += fmt.Sprintf(", %d of %d bytes", valueOf(step.Bytes), total)
	} else if step.State == companions.StepStateRunning && step.Progress != nil {
		text += fmt.Sprintf(", %d %%", *step.Progress)
	}
	if fault := valueOf(step.Error); fault != "" {
		text += ": " + fault
	}
	return text
}

// wireTime is how the API writes times, in UTC.
const wireTime = "20060102150405"

// readableTime gives a time of the API to people; what is none is left as it is.
func readableTime(text string) string {
	t, err := time.Parse(wireTime, text)
	if err != nil {
		return text
	}
	return t.Format(time.RFC3339)
}
