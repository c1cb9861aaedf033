package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/gen"
)

// predicates holds, by name, when each rule of the document is broken. Rules that only a server can check (its region,
// its templates) have none.
var predicates = map[string]func(*gen.DumpRequest) bool{
	"hls-tenant-storage": func(r *gen.DumpRequest) bool {
		return r.VideoType == gen.VideoTypeHLS && !keepsInTenant(r)
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
		return IsAudio(r.VideoType) && transcodes(r)
	},
	"review-region": func(r *gen.DumpRequest) bool {
		return r.Review != nil && r.Input.Location != "" && r.Input.Location != ReviewRegion
	},
	"hls-same-directory": func(r *gen.DumpRequest) bool {
		return r.VideoType == gen.VideoTypeHLS && keepsInTenant(r) && r.OutputBucket != nil && r.OutputPath != nil &&
			(*r.OutputBucket != r.Input.Bucket || directory(*r.OutputPath) != directory(parent(r.Input.Object)))
	},
	"thumbnail-quantity-required": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeQuantity) && r.Thumbnail.Quantity == nil
	},
	"thumbnail-dots-required": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeDots) && r.Thumbnail.Dots == nil
	},
	"thumbnail-quantity-only": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeTime, gen.ThumbnailTypeDots) &&
			(r.Thumbnail.Quantity != nil || r.Thumbnail.QuantityTime != nil)
	},
	"thumbnail-time-only": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeDots, gen.ThumbnailTypeQuantity) && r.Thumbnail.Time != nil
	},
	"thumbnail-dots-only": func(r *gen.DumpRequest) bool {
		return snapshots(r, gen.ThumbnailTypeTime, gen.ThumbnailTypeQuantity) && r.Thumbnail.Dots != nil
	},
	"review-scores": func(r *gen.DumpRequest) bool {
		return r.Review != nil && isZero(r.Review.Politics) && isZero(r.Review.Terrorism) && isZero(r.Review.Porn)
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

// ReviewRegion is AP-Singapore, the only region whose VOD reviews media (page, Table 3, review).
const ReviewRegion = "ap-southeast-3"

// IsAudio reports whether t is one of the page's audio formats (Table 3, video_type).
func IsAudio(t gen.VideoType) bool {
	switch t {
	case gen.VideoTypeMP3, gen.VideoTypeOGG, gen.VideoTypeWAV, gen.VideoTypeWMA, gen.VideoTypeAPE, gen.VideoTypeFLAC,
		gen.VideoTypeAAC, gen.VideoTypeAC3, gen.VideoTypeMMF, gen.VideoTypeAMR, gen.VideoTypeM4A, gen.VideoTypeM4R,
		gen.VideoTypeWV, gen.VideoTypeMP2:
		return true
	}
	return false
}

// Canonical returns the spelling of a format that goes over the wire: WEBM for the page's WebM.
func Canonical(t gen.VideoType) gen.VideoType {
	if t == gen.VideoTypeWebMAlias {
		return gen.VideoTypeWEBM
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
	return r.Thumbnail != nil && slices.Contains(types, r.Thumbnail.Type)
}

func isZero(v *int32) bool { return v != nil && *v == 0 }
