// Package media looks into and makes media files with ffmpeg. Every file comes
// from a stranger, so each run of ffmpeg is sandboxed: the demuxer is pinned to what
// the file is said to be, only the file itself can be opened, frames, time,
// memory and output are bounded, the environment is empty, and, where the host
// allows it, there is no network and no privilege.
package media
