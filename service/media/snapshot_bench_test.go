package media_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// BenchmarkSnapshots compares with the fastest ffmpeg command that we know for
// each task and film, which must give the same frames: "ratio" is our time by
// that of the command. Both run in turns and as nice, on ten minutes of 720p.
func BenchmarkSnapshots(b *testing.B) {
	const length = 10 * time.Minute
	tools := find(b, media.Limits{})
	for _, keyEvery := range []int{50, 270} {
		b.Run(fmt.Sprintf("key=%gs", float64(keyEvery)/25), func(b *testing.B) {
			film := mediatest.Film{Frames: 25 * 600, Rate: 25, Width: 1280, Height: 720, KeyEvery: keyEvery, Sound: true, Options: []string{"-aspect", "16:9"}}.Make(b)
			in := media.Input{Path: film, Type: "MP4"}
			info := probe(b, tools, in)
			twelve := media.EveryTimestamps(length, 12*time.Second)
			command := keyFrameCommand
			if keyEvery != 50 {
				command = seekCommand
			}
			for _, task := range []struct {
				name       string
				timestamps []time.Duration
				command    func(film, dir string, timestamps []time.Duration) []string
			}{
				{"time=12s", twelve, command},
				{"dots=3", at(60, 300, 500), seekCommand},
				{"quantity=10", media.EvenTimestamps(length, 10, 0), seekCommand},
				{"time=1s", media.EveryTimestamps(length, time.Second), decodeCommand},
			} {
				b.Run(task.name, func(b *testing.B) {
					var ours, theirs time.Duration
					for b.Loop() {
						dir := b.TempDir()
						start := time.Now()
						snapshots, err := tools.Snapshots(b.Context(), in, info, task.timestamps, media.Picture{}, dir, nil)
						if err != nil {
							b.Fatal(err)
						}
						ours += time.Since(start)

						other := b.TempDir()
						cmd := exec.CommandContext(b.Context(), "nice", task.command(film, other, task.timestamps)...)
						start = time.Now()
						if said, err := cmd.CombinedOutput(); err != nil {
							b.Fatalf("%v: %s", err, said)
						}
						theirs += time.Since(start)

						b.StopTimer()
						for i, s := range snapshots {
							got, want := mediatest.FrameNumber(b, s.Path), mediatest.FrameNumber(b, filepath.Join(other, fmt.Sprintf("%d.jpg", i+1)))
							if got != want || got != shown(task.timestamps, info25(info))[i] {
								b.Fatalf("at %v: frame %d, the command has %d", s.Offset, got, want)
							}
						}
						b.StartTimer()
					}
					b.ReportMetric(ours.Seconds()/float64(b.N), "ours-s")
					b.ReportMetric(theirs.Seconds()/float64(b.N), "theirs-s")
					b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
				})
			}
		})
	}
}

// info25 is how many frames a film of 25 a second has.
func info25(info media.Info) int { return int(info.Duration / (40 * time.Millisecond)) }

var plain = []string{"-n", "5", "ffmpeg", "-nostdin", "-v", "error", "-y"}

// keyFrameCommand reads key frames alone; it is right where they are the frames that are shown.
func keyFrameCommand(film, dir string, timestamps []time.Duration) []string {
	return slices.Concat(plain, []string{"-discard", "nokey", "-skip_frame", "nokey", "-i", film, "-an",
		"-vf", fmt.Sprintf("fps=1/%g:round=up,scale=480:270", timestamps[1].Seconds()), "-q:v", "3", filepath.Join(dir, "%d.jpg")})
}

// decodeCommand decodes everything once.
func decodeCommand(film, dir string, timestamps []time.Duration) []string {
	return slices.Concat(plain, []string{"-i", film, "-an",
		"-vf", fmt.Sprintf("fps=1/%g:round=up,scale=480:270", timestamps[1].Seconds()), "-frames:v", fmt.Sprint(len(timestamps)), "-q:v", "3", filepath.Join(dir, "%d.jpg")})
}

// seekCommand seeks to each timestamp in one process; it is right where frames begin at the timestamps.
func seekCommand(film, dir string, timestamps []time.Duration) []string {
	args := slices.Clone(plain)
	for _, m := range timestamps {
		args = append(args, "-ss", fmt.Sprint(m.Seconds()), "-i", film)
	}
	for i := range timestamps {
		args = append(args, "-map", fmt.Sprintf("%d:v", i), "-frames:v", "1", "-vf", "scale=480:270", "-q:v", "3", "-update", "1", filepath.Join(dir, fmt.Sprintf("%d.jpg", i+1)))
	}
	return args
}
