package contracttest

import (
	"fmt"
	"maps"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// The page's formats (Table 3, video_type).
var (
	videoTypes = strings.Fields("MP4 TS MOV MXF MPG FLV WMV AVI M4V F4V MPEG 3GP ASF MKV RMVB WEBM WebM") // and HLS
	audioTypes = strings.Fields("MP3 OGG WAV WMA APE FLAC AAC AC3 MMF AMR M4A M4R WV MP2")
)

// request is the corpus of Table 3's plain fields.
func (c *corpus) request() {
	c.accept("request/only what is mandatory")
	for _, field := range []string{"video_type", "title", "input"} {
		c.reject(field+"/left out", field, "required", drop(field))
	}

	c.reject("video_type/left out beside a template", "video_type", "required",
		drop("video_type"), set("template_group_name", c.names.TemplateGroup))

	for _, t := range append(videoTypes, audioTypes...) {
		c.accept("video_type/"+t, set("video_type", t))
	}
	for _, t := range []string{"mp4", "Mp4", "webm", "Webm", " MP4", "MP4 ", "MP5", "M3U8", "DASH", "MP4,TS"} {
		c.reject("video_type/"+t, "video_type", "enum", set("video_type", t))
	}
	c.reject("video_type/empty", "video_type", "required", set("video_type", ""))

	c.accept("title/1 character", set("title", "x"))
	c.lengths("title")
	pairs := int(bounds("title").MaxLength / 2)
	c.accept("title/most letters of 2 characters", set("title", strings.Repeat("e\u0301", pairs)))
	c.reject("title/too many letters of 2 characters", "title", "maxLength", set("title", strings.Repeat("e\u0301", pairs+1)))
	c.reject("title/empty", "title", "required", set("title", ""))

	c.accept("description/empty", set("description", ""))
	c.lengths("description")

	c.accept("category_id/-1", set("category_id", -1))
	c.accept("category_id/0", set("category_id", 0)).Needs = Imaginary
	c.accept("category_id/2147483647", set("category_id", maxInt32)).Needs = Imaginary
	c.reject("category_id/-2", "category_id", "minimum", set("category_id", -2))

	c.tags()

	c.oneOf("auto_publish", []int{0, 1})
	c.oneOf("auto_preheat", []int{0, 1})
}

func (c *corpus) tags() {
	for _, letter := range []struct{ text, size string }{{"x", "1-byte"}, {"标", "3-byte"}, {"🎬", "4-byte"}} {
		long := strings.Repeat(letter.text, 24)
		c.accept(fmt.Sprintf("tags/24 %s characters", letter.size), set("tags", long))
		c.reject(fmt.Sprintf("tags/25 %s characters", letter.size), "tags", "pattern", set("tags", long+letter.text))
	}
	long := strings.Repeat("🎬", 24)
	c.accept("tags/none", set("tags", ""))
	c.accept("tags/one", set("tags", "x"))
	c.accept("tags/one with spaces and a line break", set("tags", " two words\n"))
	c.accept("tags/16", set("tags", list("x", 16)))
	c.accept("tags/16 of 24 characters", set("tags", list(long, 16)))
	c.reject("tags/17", "tags", "pattern", set("tags", list("x", 17)))
	c.reject("tags/the last of 16 too long", "tags", "pattern", set("tags", list(long, 15)+","+long+"x"))
	for name, tags := range map[string]string{"only a comma": ",", "empty first": ",x", "empty last": "x,", "empty between": "x,,y"} {
		c.reject("tags/"+name, "tags", "pattern", set("tags", tags))
	}
}

func list(tag string, n int) string { return strings.Repeat(tag+",", n-1) + tag }

// input is the corpus of Table 6.
func (c *corpus) input() {
	for _, field := range []string{"input.bucket", "input.location", "input.object"} {
		c.accept(field+"/1 character", set(field, "x")).Needs = Imaginary
		from := len(c.cases)
		c.lengths(field)
		for i := range c.cases[from:] {
			c.cases[from+i].Needs = Imaginary
		}
		c.reject(field+"/left out", field, "required", drop(field))
		c.reject(field+"/empty", field, "required", set(field, ""))
	}
	c.accept("input.object/with slashes, dots and spaces", set("input.object", "/a/../b//c .mp4")).Needs = Imaginary
}

// review is the corpus of Table 5.
func (c *corpus) review() {
	from := len(c.cases)
	here := set("input.location", contract.ReviewRegion)
	around := func(review object) edit {
		return func(request object) { request["review"] = maps.Clone(review) } // later edits change it
	}

	c.accept("review/empty", here, around(object{}))
	c.accept("review.template_id/one", here, around(object{"template_id": "strict"}))
	c.accept("review.template_id/1 character", here, around(object{"template_id": "x"}))
	c.reject("review.template_id/empty", "review.template_id", "minLength", here, around(object{"template_id": ""}))
	c.between("review.interval", here, around(object{}))
	for _, score := range []string{"review.politics", "review.terrorism", "review.porn"} {
		c.between(score, here, around(object{}))
		c.accept(score+"/0 alone", here, around(object{}), set(score, 0))
	}

	c.reject("review-scores/all 0", "review.politics", "review-scores",
		here, around(object{"politics": 0, "terrorism": 0, "porn": 0}))
	for _, score := range []string{"politics", "terrorism", "porn"} {
		for name, other := range map[string]edit{"raised": set("review."+score, 1), "off": set("review."+score, -1), "left out": drop("review." + score)} {
			c.accept("review-scores/"+score+" "+name, here, around(object{"politics": 0, "terrorism": 0, "porn": 0}), other)
		}
	}

	for i := range c.cases[from:] {
		if c.cases[from+i].Accepted() {
			c.cases[from+i].Needs = ReviewRegion
		}
	}
	c.accept("review-region/in the region", here, around(object{"template_id": "strict"})).Needs = ReviewRegion
	c.reject("review-region/elsewhere", "review", "review-region", set("input.location", "cn-north-4"), around(object{}))
	c.reject("review-region/no region", "review", "review-region", set("input.location", "AP-Southeast-3"), around(object{}))
}
