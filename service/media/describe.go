package media

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// description is what ffprobe says of a file. Its words come from a stranger's file.
type description struct {
	Streams  []stream  `json:"streams"`
	Programs []program `json:"programs"`
	Format   struct {
		Duration string `json:"duration"`
		BitRate  string `json:"bit_rate"`
	} `json:"format"`
}

type stream struct {
	Index       int    `json:"index"`
	Type        string `json:"codec_type"`
	Codec       string `json:"codec_name"`
	Profile     string `json:"profile"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Aspect      string `json:"sample_aspect_ratio"`
	PixelFormat string `json:"pix_fmt"`
	FrameRate   string `json:"avg_frame_rate"`
	RealRate    string `json:"r_frame_rate"`
	Channels    int    `json:"channels"`
	SampleRate  string `json:"sample_rate"`
	BitRate     string `json:"bit_rate"`
	Duration    string `json:"duration"`
	FieldOrder  string `json:"field_order"`
	Matrix      string `json:"color_space"`
	Range       string `json:"color_range"`
	Transfer    string `json:"color_transfer"`
	Primaries   string `json:"color_primaries"`

	Disposition disposition `json:"disposition"`
	Side        []sideData  `json:"side_data_list"`
	Tags        struct {
		Key string `json:"enc_key_id"` // of Matroska
	} `json:"tags"`
}

const (
	// entries is what ffprobe is asked for: the fields of description, and of the tags, which may be many and long, only one.
	entries = "stream=index,codec_type,codec_name,profile,width,height,sample_aspect_ratio,pix_fmt,avg_frame_rate,r_frame_rate," +
		"channels,sample_rate,bit_rate,duration,field_order,color_space,color_range,color_transfer,color_primaries:" +
		"stream_disposition=" + dispositionEntries + ":stream_side_data=side_data_type,displaymatrix,dv_profile,dv_bl_signal_compatibility_id:stream_tags=enc_key_id:" +
		"program_stream=index:format=duration,bit_rate"
	// fastest is more than the frames a second of any film.
	fastest = 480
	// maxDescription bounds what ffprobe may say, in bytes.
	maxDescription = 1 << 20
)

// describe reads what ffprobe printed about an input, but for the streams of some indexes.
func describe(printed []byte, in Input, l Limits, without ...int) (Info, error) {
	var d description
	if err := json.Unmarshal(printed, &d); err != nil {
		return Info{}, &Refusal{Kind: Broken, Reason: "The file could not be described.", Err: err}
	}
	if len(d.Streams) > l.Streams {
		return Info{}, &Refusal{Kind: TooBig, Reason: fmt.Sprintf("The file has %d streams; at most %d are supported.", len(d.Streams), l.Streams)}
	}
	d.Streams = slices.DeleteFunc(d.Streams, func(s stream) bool { return slices.Contains(without, s.Index) })
	info := Info{Container: in.Type, BitRate: int64(number(d.Format.BitRate)), Duration: duration(d.Format.Duration)}
	f := in.format()
	picture, sound := d.choose(f.Audio)
	for _, s := range []*stream{picture, sound} {
		if s == nil {
			continue
		}
		if err := info.add(*s, f, l); err != nil {
			return Info{}, err
		}
	}
	for _, s := range d.Streams {
		setDefault(&info.Duration, duration(s.Duration))
	}
	switch {
	case f.Audio && info.Audio == nil:
		return Info{}, &Refusal{Kind: Mismatch, Reason: fmt.Sprintf("The file has no sound, and %s is an audio type.", in.Type)}
	case !f.Audio && info.Video == nil:
		return Info{}, &Refusal{Kind: Mismatch, Reason: fmt.Sprintf("The file has no moving picture, and %s is a video type.", in.Type)}
	}
	return info, nil
}

// add takes a chosen stream.
func (info *Info) add(s stream, f asset.MediaType, l Limits) error {
	name := codecName(s.Codec, s.Profile)
	switch {
	case s.Tags.Key != "":
		return errEncrypted(Input{Type: f.Name})
	case s.Type == "video":
		if !f.Allows(s.Codec) {
			return &Refusal{Kind: Mismatch, Reason: fmt.Sprintf("The file holds %s video, which %s does not allow.", name, f.Name)}
		}
		v, err := s.video(l)
		if err != nil {
			return err
		}
		info.Video = v
	default:
		if f.Audio && !f.Allows(s.Codec) {
			return &Refusal{Kind: Mismatch, Reason: fmt.Sprintf("The file holds %s sound, which %s does not allow.", name, f.Name)}
		}
		info.Audio = &Audio{Index: s.Index, Codec: name, Channels: s.Channels, SampleRate: int(number(s.SampleRate)),
			BitRate: int64(number(s.BitRate))}
	}
	return nil
}

func (s stream) video(l Limits) (*Video, error) {
	if s.Width <= 0 || s.Height <= 0 {
		return nil, &Refusal{Kind: Broken, Reason: "The picture has no size: it cannot be decoded."}
	}
	v := &Video{Index: s.Index, Codec: codecName(s.Codec, s.Profile), Width: s.Width, Height: s.Height,
		Fields: fieldsOf(s.FieldOrder), Color: newColor(s.Matrix, s.Range, s.Transfer, s.Primaries),
		FrameRate: ratio(s.FrameRate, "/"), BitRate: int64(number(s.BitRate)), PixelFormat: s.PixelFormat}
	if real := ratio(s.RealRate, "/"); v.FrameRate == 0 && real <= fastest { // else it is the unit of timestamps
		v.FrameRate = real
	}
	if aspect := ratio(s.Aspect, ":"); usualShape(aspect) {
		v.Width = max(1, int(math.Round(float64(v.Width)*aspect)))
	}
	if dolbyVision(s.Side) {
		v.Color.Matrix = iptC2
	}
	if o, ok := orientationOf(s.Side); ok {
		v.turn(o)
	}
	if s.Width > math.MaxInt32 || s.Height > math.MaxInt32 || int64(s.Width)*int64(s.Height) > l.Pixels || int64(v.Width)*int64(v.Height) > l.Pixels {
		return nil, &Refusal{Kind: TooBig, Reason: fmt.Sprintf("The picture has %d x %d pixels; at most %d in all are supported.", v.Width, v.Height, l.Pixels)}
	}
	return v, nil
}

func duration(text string) time.Duration {
	if s := number(text); s < math.MaxInt64/float64(time.Second) {
		return time.Duration(s * float64(time.Second))
	}
	return 0
}

// number reads what ffprobe writes as text; what is none, negative, or beyond all measure is 0.
func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= 1e18) {
		return 0
	}
	return n
}

// ratio reads a fraction; 0 when it is none.
func ratio(text, sign string) float64 {
	above, below, ok := strings.Cut(text, sign)
	if b := number(below); ok && b >= 1 { // both are whole
		return number(above) / b
	}
	return 0
}
