package config

import "strings"

// FromEnvironment takes the variables that begin with RELAYD_. Those of the form RELAYD_X__PROFILE count
// for that profile alone, and win over the ones without.
func FromEnvironment(environment []string, profile string) Source {
	values := map[string]string{}
	for _, pass := range []bool{false, true} {
		for _, variable := range environment {
			name, value, _ := strings.Cut(variable, "=")
			name, found := strings.CutPrefix(name, "RELAYD_")
			if !found {
				continue
			}
			name, of, special := strings.Cut(name, "__")
			if special != pass || special && !strings.EqualFold(of, profile) {
				continue
			}
			values[strings.ToLower(name)] = value
		}
	}
	return Source{Name: "environment", Values: values}
}
