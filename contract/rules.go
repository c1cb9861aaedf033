package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/gen"
)

// predicates holds, by name, when each rule of the document is broken. Rules that only a server can check (its region,
// its templates) have none. Values are read through getters, which know what stands for an absent object or field, so that
// a predicate holds whichever fields the document makes mandatory.
var predicates = map[string]func(*gen.DumpRequest) bool{
	"hls-tenant-storage": func(r *gen.DumpRequest) bool {
		return r.GetVideoType() == gen.VideoTypeHLS && !keepsInTenant(r)
	},
	"tenant-storage-bucket": func(r *gen.DumpRequest) bool {
		return keepsInTenant(r) && r.OutputBucket == nil
	},
	"tenant-storage-path": func(r *gen.DumpRequest) bool {
		return keepsInTenant(r) && r.OutputPath == nil
	},
	"encrypt-needs-transcoding": func(r *gen.DumpRequest) bool {
		return r.GetAutoEncrypt() == gen.AutoEncryptOn && !transcodes(r)
	},
	"audio-no-transcoding": func(r *gen.DumpRequest) bool {
		return IsAudio(r.GetVideoType()) && transcodes(r)
	},
	"review-region": func(r *gen.DumpRequest) bool {
		location := r.GetInput().GetLocation()
		return r.GetReview() != nil && location != "" && location != ReviewRegion
	},
	"hls-same-directory": func(r *gen.DumpRequest) bool {
		return r.GetVideoType() == gen.VideoTypeHLS && keepsInTenant(r) && r.OutputBucket != nil && r.OutputPath != nil &&
			r.GetInput() != nil && (r.GetOutputBucket() != r.GetInput().GetBucket() ||
			directory(r.GetOutputPath()) != directory(parent(r.GetInput().GetObject())))
	},
	"thumbnail-quantity-required": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeQuantity) && r.GetThumbnail().Quantity == nil
	},
	"thumbnail-dots-required": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeDots) && len(r.GetThumbnail().GetDots()) == 0
	},
	"thumbnail-quantity-only": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeTime, gen.ThumbnailTypeDots) &&
			(r.GetThumbnail().Quantity != nil || r.GetThumbnail().QuantityTime != nil)
	},
	"thumbnail-time-only": func(r *gen.DumpRequest) bool {
		absent := (*gen.Thumbnail)(nil).GetTime() // clients of some generators send the default whatever the type
		return snapshots(r, gen.ThumbnailTypeDots, gen.ThumbnailTypeQuantity) && r.GetThumbnail().GetTime() != absent
	},
	"thumbnail-dots-only": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeTime, gen.ThumbnailTypeQuantity) && len(r.GetThumbnail().GetDots()) > 0
	},
	"review-scores": func(r *gen.DumpRequest) bool {
		review := r.GetReview()
		return review != nil && isZero(review.Politics) && isZero(review.Terrorism) && isZero(review.Porn)
	},
}

// rule joins what a document says of a cross-field rule of T with the code that checks it.
type rule[T any] struct {
	gen.Rule
	broken func(*T) bool
}

var rules = joinRules(gen.Rules, predicates)

func joinRules[T any](documented []gen.Rule, predicates map[string]func(*T) bool) []rule[T] {
	var joined []rule[T]
	for _, said := range documented {
		if said.Enforced == "service" {
			continue
		}
		broken := predicates[said.Name]
		if broken == nil {
			panic(fmt.Sprintf("contract: the document has a rule %q that no predicate checks", said.Name))
		}
		joined = append(joined, rule[T]{said, broken})
	}
	if len(joined) != len(predicates) {
		panic("contract: a predicate checks a rule that the document does not have")
	}
	return joined
}

// ReviewRegion is AP-Singapore, the only region whose VOD reviews media (API reference, Table 3, review).
const ReviewRegion = "ap-southeast-3"

// audio has the formats that the rule about audio is about.
var audio = func() map[gen.VideoType]bool {
	found := map[gen.VideoType]bool{}
	for _, rule := range gen.Rules {
		if rule.Name != "audio-no-transcoding" {
			continue
		}
		for _, format := range rule.When {
			found[gen.VideoType(format)] = true
		}
	}
	return found
}()

// IsAudio reports whether t is one of the audio formats of the document, which are not transcoded.
func IsAudio(t gen.VideoType) bool { return audio[t] }

// Canonical returns the spelling of a format that goes over the wire: WEBM for WebM, as the API reference writes it.
func Canonical(t gen.VideoType) gen.VideoType {
	if t == "WebM" {
		return "WEBM"
	}
	return t
}

// directory brings a directory of a bucket to one form: no slash at either end, the root as the empty string. Nothing
// else is cleaned: keys are names, not paths.
func directory(dir string) string { return strings.Trim(dir, "/") }

// parent returns the part of a key before its last slash.
func parent(key string) string {
	return key[:strings.LastIndexByte(key, '/')+1]
}

func keepsInTenant(r *gen.DumpRequest) bool {
	return r.GetStorageMode() == gen.StorageModeTenant
}

func transcodes(r *gen.DumpRequest) bool {
	return r.TemplateGroupName != nil || r.WorkflowName != nil
}

func snapshots(r *gen.DumpRequest, types ...gen.ThumbnailType) bool {
	return slices.Contains(types, r.GetThumbnail().GetType())
}

func isZero(v *int32) bool { return v != nil && *v == 0 }
