package contracttest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// formats are the values of video_type, but for HLS, which takes a playlist.
func formats() []string {
	return slices.DeleteFunc(slices.Clone(property("video_type").Enum), func(format string) bool { return format == "HLS" })
}

// request is the corpus of Table 3's plain fields.
func (c *corpus) request() {
	c.accept("request/only what is mandatory")

	c.reject("video_type/left out beside a template", "video_type", "required",
		drop("video_type"), set("template_group_name", c.names.TemplateGroup))

	for _, t := range formats() {
		c.accept("video_type/"+t, set("video_type", t))
	}
	for _, t := range []string{"mp4", "Mp4", "webm", "Webm", " MP4", "MP4 ", "MP5", "M3U8", "DASH", "MP4,TS"} {
		c.reject("video_type/"+t, "video_type", "enum", set("video_type", t))
	}
	c.reject("video_type/empty", "video_type", "required", set("video_type", ""))

	c.accept("title/1 character", set("title", "x"))
	c.lengths("title")
	pairs := int(property("title").MaxLength / 2)
	c.accept("title/most letters of 2 characters", set("title", strings.Repeat("e\u0301", pairs)))
	c.reject("title/too many letters of 2 characters", "title", "maxLength", set("title", strings.Repeat("e\u0301", pairs+1)))
	c.reject("title/empty", "title", "required", set("title", ""))

	c.accept("description/empty", set("description", ""))
	c.lengths("description")

	c.accept("category_id/-1", set("category_id", -1))
	c.accept("category_id/0", set("category_id", 0)).Needs = Imaginary
	from := len(c.cases)
	c.between("category_id")
	c.imagine(from)

	c.tags()

	c.oneOf("auto_publish")
	c.oneOf("auto_preheat")
}

// tagLimits reads the pattern of tags: the most characters of one, and the most tags.
func tagLimits() (length, count int) {
	numbers := regexp.MustCompile(`\d+`).FindAllString(property("tags").Pattern, -1)
	if len(numbers) < 2 {
		panic("contracttest: the pattern of tags has no limits")
	}
	length, _ = strconv.Atoi(numbers[1]) // digits, all of them
	count, _ = strconv.Atoi(numbers[len(numbers)-1])
	return length, count + 1
}

func (c *corpus) tags() {
	length, count := tagLimits()
	for _, letter := range []struct{ text, size string }{{"x", "1-byte"}, {"标", "3-byte"}, {"🎬", "4-byte"}} {
		long := strings.Repeat(letter.text, length)
		c.accept(fmt.Sprintf("tags/most %s characters", letter.size), set("tags", long))
		c.reject(fmt.Sprintf("tags/too many %s characters", letter.size), "tags", "pattern", set("tags", long+letter.text))
	}
	long := strings.Repeat("🎬", length)
	c.accept("tags/none", set("tags", ""))
	c.accept("tags/one", set("tags", "x"))
	c.accept("tags/one with spaces and a line break", set("tags", " two words\n"))
	c.accept("tags/most", set("tags", list("x", count)))
	c.accept("tags/most, all of them long", set("tags", list(long, count)))
	c.reject("tags/too many", "tags", "pattern", set("tags", list("x", count+1)))
	c.reject("tags/the last of them too long", "tags", "pattern", set("tags", list(long, count-1)+","+long+"x"))
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
		c.imagine(from)
		c.reject(field+"/empty", field, "required", set(field, ""))
	}
	c.accept("input.object/with slashes, dots and spaces", set("input.object", "/a/../b//c .mp4")).Needs = Imaginary
}

// review is the corpus of Table 5.
func (c *corpus) review() {
	from := len(c.cases)
	here := set("input.location", contract.ReviewRegion)
	around := func(review object) edit {
		return func(request object) { request["review"] = merged(minimal("Review"), review) }
	}

	c.accept("review/only what is mandatory", here, around(object{}))
	c.accept("review.template_id/one", here, around(object{"template_id": "strict"}))
	c.accept("review.template_id/1 character", here, around(object{"template_id": "x"}))
	rule := "minLength"
	if property("review.template_id").Required {
		rule = "required"
	}
	c.reject("review.template_id/empty", "review.template_id", rule, here, around(object{"template_id": ""}))
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
