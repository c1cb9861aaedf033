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
		Args: noCommand,
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
	cmd.AddCommand(newCategoriesCreateCommand(s), newCategoriesRenameCommand(s), newCategoriesDeleteCommand(s))
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

func newCategoriesRenameCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "rename ID NAME",
		Short: "Rename a category",
		Long: `Gives a category another name, which must be unique among those below the same parent.
Its ID stays, and so do the assets in it.`,
		Example:           "  vod categories rename 17 Movies",
		Args:              exactly("the ID of a category", "a NAME"),
		ValidArgsFunction: s.completeCategory,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := categoryID(cmd, args[0])
			if err != nil {
				return err
			}
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			category, err := c.RenameCategory(ctx, id, args[1])
			if err != nil {
				return at("category "+args[0], err)
			}
			if s.options.json() {
				return s.printJSON(category)
			}
			return s.print(args[0] + "\t" + printable(category.Name))
		},
	}
}

func newCategoriesDeleteCommand(s *session) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a category and its subcategories",
		Long: `Deletes a category with those below it. The assets in them stay, and are in the built-in
category Other afterwards. On a terminal you are asked first; elsewhere --yes is needed.`,
		Example:           "  vod categories delete 17",
		Args:              exactly("the ID of a category"),
		ValidArgsFunction: s.completeCategory,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := categoryID(cmd, args[0])
			if err == nil && !yes {
				err = s.canAsk(cmd, "vod categories shows what is below it; then add --yes")
			}
			if err != nil {
				return err
			}
			c, err := s.client()
			if err != nil {
				return err
			}
			ctx, cancel := s.limit(cmd.Context())
			defer cancel()
			if !yes {
				if err := s.agree(ctx, "delete category "+args[0]+" and its subcategories?"); err != nil {
					return err
				}
			}
			if err := c.DeleteCategory(ctx, id); err != nil {
				return at("category "+args[0], err)
			}
			s.note("category %s is deleted", args[0])
			return nil
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "delete without asking")
	return cmd
}

// categoryID reads the ID of a category.
func categoryID(cmd *cobra.Command, text string) (int32, error) {
	id, err := strconv.ParseInt(text, 10, 32)
	if err != nil || id < 1 {
		return 0, usage(cmd, strconv.Quote(text)+" is not the ID of a category; vod categories lists them")
	}
	return int32(id), nil
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
