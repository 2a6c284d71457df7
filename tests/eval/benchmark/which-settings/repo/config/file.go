package config

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// ReadFile reads `name = value` lines. Lines below `[profile NAME]` count only if NAME is the profile, and then they
// win over those above all profiles, wherever they stand.
func ReadFile(reader io.Reader, profile string) (Source, error) {
	common := map[string]string{}
	own := map[string]string{}
	into := common
	scanner := bufio.NewScanner(reader)
	for number := 1; scanner.Scan(); number++ {
		line, _, _ := strings.Cut(scanner.Text(), "#")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "[profile ") && strings.HasSuffix(line, "]"):
			name := strings.TrimSpace(line[len("[profile ") : len(line)-1])
			into = map[string]string{}
			if name == profile {
				into = own
			}
		case line == "[common]":
			into = common
		default:
			name, value, found := strings.Cut(line, "=")
			if !found {
				return Source{}, fmt.Errorf("line %d: `=` is missing", number)
			}
			into[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
	}
	for name, value := range own {
		common[name] = value
	}
	return Source{Name: "file", Values: common}, scanner.Err()
}
