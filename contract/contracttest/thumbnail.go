package contracttest

import (
	"maps"

	"github.com/vod-reproduction/vod/gen"
)

// thumbnail is the corpus of Table 4.
func (c *corpus) thumbnail() {
	with := func(thumbnail object) edit {
		return func(request object) { request["thumbnail"] = maps.Clone(thumbnail) } // later edits change it
	}
	usual, unusual := (*gen.Thumbnail)(nil).GetTime(), int32(property("thumbnail.time").Minimum)
	if unusual == usual {
		unusual++
	}
	byTime := with(object{"type": "time"})
	byDots := with(object{"type": "dots", "dots": []int{0}})
	byQuantity := with(object{"type": "quantity", "quantity": 1})

	c.accept("thumbnail.type/time", byTime)
	c.accept("thumbnail.type/dots", byDots)
	c.accept("thumbnail.type/quantity", byQuantity)
	c.accept("thumbnail/of audio", byTime, set("video_type", "MP3"))
	for name, value := range map[string]any{"quantity": 1, "time": unusual, "dots": []int{1}} {
		c.reject("thumbnail.type/left out beside "+name, "thumbnail.type", "required", with(object{name: value}))
	}
	c.reject("thumbnail.type/empty", "thumbnail.type", "required", with(object{"type": ""}))
	for _, t := range property("thumbnail.type").Enum {
		if t != "time" && t != "dots" && t != "quantity" {
			c.accept("thumbnail.type/"+t, with(object{"type": t})).Needs = Imaginary
		}
	}
	for _, t := range []string{"Time", "dot", "none/such"} {
		c.reject("thumbnail.type/"+t, "thumbnail.type", "enum", with(object{"type": t}))
	}

	c.between("thumbnail.quantity", byQuantity)
	c.between("thumbnail.quantity_time", byQuantity)
	c.between("thumbnail.time", byTime)
	c.oneOf("thumbnail.format", byTime)
	c.oneOf("thumbnail.aspect_ratio", byTime)
	c.between("thumbnail.cover_position", byTime)
	c.between("thumbnail.max_length", byTime)

	c.accept("thumbnail.dots/0", byDots)
	c.accept("thumbnail.dots/many, unordered and repeated", byDots, set("thumbnail.dots", []int{5, 0, maxInt32, 5}))
	c.reject("thumbnail.dots/empty", "thumbnail.dots", "thumbnail-dots-required", byDots, set("thumbnail.dots", []int{}))
	c.reject("thumbnail.dots/-1", "thumbnail.dots[0]", "minimum", byDots, set("thumbnail.dots", []int{-1}))
	c.reject("thumbnail.dots/-1 at the end", "thumbnail.dots[2]", "minimum", byDots, set("thumbnail.dots", []int{1, 2, -1}))

	const quantity, time, dots = "thumbnail.quantity", "thumbnail.time", "thumbnail.dots"
	c.accept("thumbnail-quantity-required/there", byQuantity)
	c.reject("thumbnail-quantity-required/left out", quantity, "thumbnail-quantity-required", byQuantity, drop(quantity))
	c.reject("thumbnail-quantity-required/only quantity_time", quantity, "thumbnail-quantity-required",
		byQuantity, drop(quantity), set("thumbnail.quantity_time", 5))
	c.accept("thumbnail-dots-required/there", byDots)
	c.reject("thumbnail-dots-required/left out", dots, "thumbnail-dots-required", byDots, drop(dots))

	c.accept("thumbnail-quantity-only/both for quantity", byQuantity, set("thumbnail.quantity_time", 5))
	for name, mode := range map[string]edit{"time": byTime, "dots": byDots} {
		c.reject("thumbnail-quantity-only/quantity for "+name, quantity, "thumbnail-quantity-only", mode, set(quantity, 1))
		c.reject("thumbnail-quantity-only/quantity_time for "+name, quantity, "thumbnail-quantity-only",
			mode, set("thumbnail.quantity_time", 5))
	}
	c.accept("thumbnail-time-only/for time", byTime, set(time, usual))
	for name, mode := range map[string]edit{"dots": byDots, "quantity": byQuantity} {
		c.accept("thumbnail-time-only/the default for "+name, mode, set(time, usual))
		c.reject("thumbnail-time-only/for "+name, time, "thumbnail-time-only", mode, set(time, unusual))
	}
	c.accept("thumbnail-dots-only/for dots", byDots)
	c.accept("thumbnail-dots-only/none for time", byTime, set(dots, []int{}))
	c.accept("thumbnail-dots-only/none for quantity", byQuantity, set(dots, []int{}))
	c.reject("thumbnail-dots-only/for time", dots, "thumbnail-dots-only", byTime, set(dots, []int{1}))
	c.reject("thumbnail-dots-only/for quantity", dots, "thumbnail-dots-only", byQuantity, set(dots, []int{1}))
}
