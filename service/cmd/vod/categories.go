package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/gen/companions"
)

func newCategoriesCommand(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "categories",
		Short: "List the categories of assets",
		Long: `Lists the categories of the project: one line a category, ID and name, separated by a
tab, names below others with those before them. vod dump --category-id takes the ID.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			trees, err := c.Categories(ctx)
			if err != nil {
				return err
			}
			if len(trees) == 0 {
				s.note("there are no categories; vod categories create NAME makes one")
			}
			return s.printCategories("", trees)
		},
	}
	cmd.AddCommand(newCategoriesCreateCommand(s))
	return cmd
}

func newCategoriesCreateCommand(s *session) *cobra.Command {
	parent := int32(0)
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Create a category",
		Long: `Creates a category and prints its ID. Categories nest three deep; a name is unique among
those below the same parent.`,
		Example: `  vod categories create Films
  vod categories create Trailers --parent 17`,
		Args:              exactly("a NAME"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			category, err := c.CreateCategory(ctx, args[0], parent)
			if err != nil {
				return at("category "+strconv.Quote(args[0]), err)
			}
			if s.options.json() {
				return s.printJSON(category)
			}
			return s.print(strconv.Itoa(int(category.ID)))
		},
	}
	cmd.Flags().Int32Var(&parent, "parent", 0, "`ID` of the category to put it below; 0 is the first level")
	s.completeFlag(cmd, "parent", s.categoryNames)
	return cmd
}

// printCategories prints categories and what lies below them.
func (s *session) printCategories(above string, trees []companions.CategoryTree) error {
	if s.options.json() {
		for _, tree := range trees {
			if err := s.printJSON(tree); err != nil {
				return err
			}
		}
		return nil
	}
	for _, line := range categoryLines(above, trees) {
		if err := s.print(line); err != nil {
			return err
		}
	}
	return nil
}

// categoryLines are the IDs and the full names of categories.
func categoryLines(above string, trees []companions.CategoryTree) (lines []string) {
	for _, tree := range trees {
		name := strings.TrimPrefix(above+" / "+printable(tree.Name), " / ")
		lines = append(lines, printable(tree.ID)+"\t"+name)
		lines = append(lines, categoryLines(name, tree.Children)...)
	}
	return lines
}
