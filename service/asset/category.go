package asset

// OtherCategory is the category of an asset for which none was chosen. Every
// project has it; it cannot be a parent.
const OtherCategory int64 = -1

// OtherName is the name of OtherCategory.
const OtherName = "Other"

// The limits of the cloud's category operation.
const (
	MaxCategoryName  = 64 // bytes
	MaxCategoryLevel = 3
)

// Category is a place in a project's tree of categories.
type Category struct {
	ID       int64
	ParentID int64 // 0 is the root
	Level    int   // 1 to MaxCategoryLevel
	Name     string
}
