package config

import (
	"fmt"
	"strings"
)

// Pairs are the NAME=VALUE of `-set`.
type Pairs map[string]string

func (pairs Pairs) String() string { return "" }

// Set takes one pair. The first for a name counts, so that wrappers can put theirs in front.
func (pairs Pairs) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not NAME=VALUE", text)
	}
	name = strings.ToLower(name)
	if _, there := pairs[name]; !there {
		pairs[name] = value
	}
	return nil
}
