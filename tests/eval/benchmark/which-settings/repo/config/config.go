// Package config finds out the settings in force.
package config

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Settings are the ones in force.
type Settings struct {
	Port    int
	Workers int
	Timeout time.Duration
	Queue   int
	Log     string
	Retries int
}

// Source is one place that settings come from: names to texts.
type Source struct {
	Name   string
	Values map[string]string
}

// Limits of the machine that the defaults depend on.
type Machine struct {
	CPUs     int
	MemoryMB int
}

var renamed = map[string]string{
	"threads":     "workers",
	"listen_port": "port",
	"max_queue":   "queue",
}

// Resolve takes the sources from the weakest to the strongest.
func Resolve(machine Machine, sources ...Source) (Settings, error) {
	values := map[string]string{
		"port":    "8080",
		"workers": "auto",
		"timeout": "30s",
		"queue":   "auto",
		"log":     "info",
		"retries": "2",
	}
	for _, source := range sources {
		merge(values, source.Values)
	}
	return parse(machine, values)
}

// merge lays values over others. An old name counts only where the source does not have the new one, too.
func merge(into, from map[string]string) {
	names := make([]string, 0, len(from))
	for name := range from {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		value := strings.TrimSpace(from[name])
		if value == "" {
			continue
		}
		if current, ok := renamed[name]; ok {
			if _, both := from[current]; both {
				continue
			}
			name = current
		}
		if value == "default" {
			continue
		}
		into[name] = value
	}
}

func parse(machine Machine, values map[string]string) (Settings, error) {
	var settings Settings
	var err error
	if settings.Port, err = strconv.Atoi(values["port"]); err != nil {
		return settings, fmt.Errorf("port: %w", err)
	}
	if settings.Timeout, err = duration(values["timeout"]); err != nil {
		return settings, fmt.Errorf("timeout: %w", err)
	}
	if settings.Retries, err = strconv.Atoi(values["retries"]); err != nil {
		return settings, fmt.Errorf("retries: %w", err)
	}
	settings.Workers, err = workers(machine, values["workers"])
	if err != nil {
		return settings, fmt.Errorf("workers: %w", err)
	}
	settings.Queue, err = queue(settings.Workers, values["queue"])
	if err != nil {
		return settings, fmt.Errorf("queue: %w", err)
	}
	settings.Log = strings.ToLower(values["log"])
	// A debug log keeps bodies, which have to be there long enough to be read.
	if settings.Log == "debug" && settings.Timeout < time.Minute {
		settings.Timeout = time.Minute
	}
	return settings, nil
}

// duration takes what Go writes, and a bare number as seconds.
func duration(text string) (time.Duration, error) {
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(seconds) * time.Second, nil
	}
	return time.ParseDuration(text)
}

// workers takes a number, a number with an x for so many for each CPU, or auto. Each needs 64 MB.
func workers(machine Machine, text string) (int, error) {
	most := machine.MemoryMB / 64
	count := 2 * machine.CPUs
	if text != "auto" {
		each, isEach := strings.CutSuffix(text, "x")
		number, err := strconv.Atoi(each)
		if err != nil {
			return 0, err
		}
		count = number
		if isEach {
			count = number * machine.CPUs
		}
	}
	return max(1, min(count, most)), nil
}

// queue takes a number or auto, and is a multiple of the workers: the next one up.
func queue(workers int, text string) (int, error) {
	if text == "auto" {
		return 16 * workers, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, err
	}
	return (number + workers - 1) / workers * workers, nil
}
