package config

// Media sets up ffmpeg. A limit of 0 is the default of package media.
type Media struct {
	// Disabled leaves all work on media out: nothing is probed, and snapshots, transcoding and review are refused.
	Disabled bool `yaml:"disabled,omitempty"`
	// FFmpeg and FFprobe are paths; empty means from PATH.
	FFmpeg  string `yaml:"ffmpeg,omitempty"`
	FFprobe string `yaml:"ffprobe,omitempty"`
	// MemoryMB bounds the memory of one run, in MiB.
	MemoryMB int `yaml:"memory_mb,omitempty"`
	// MaxPixels bounds one frame.
	MaxPixels int `yaml:"max_pixels,omitempty"`
	// MaxHours bounds the length of the media.
	MaxHours int `yaml:"max_hours,omitempty"`
	// MaxStreams bounds the streams of one file.
	MaxStreams int `yaml:"max_streams,omitempty"`
	// MaxOutputMB bounds one file that a run writes, in MiB.
	MaxOutputMB int `yaml:"max_output_mb,omitempty"`
	// MaxSourceMB bounds the media that is looked into, in MiB; 0 is 65536. Larger media is taken as it is.
	MaxSourceMB int `yaml:"max_source_mb,omitempty"`
	// Threads is how many threads one run has.
	Threads int `yaml:"threads,omitempty"`
}
