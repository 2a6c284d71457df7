package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strings"

	"example.com/relayd/config"
)

func serve(settings config.Settings) {
	server := &http.Server{
		Addr:        fmt.Sprintf(":%d", settings.Port),
		Handler:     http.TimeoutHandler(http.NotFoundHandler(), settings.Timeout, "too late"),
		ReadTimeout: settings.Timeout,
	}
	if err := server.ListenAndServe(); err != nil {
		fail(err)
	}
}

// memory returns the megabytes that this process may use: those of its group if there is a limit, or the machine's.
func memory() int {
	if groups, err := os.ReadFile("/proc/self/cgroup"); err == nil {
		group := strings.TrimPrefix(strings.TrimSpace(string(groups)), "0::")
		text, _ := os.ReadFile("/sys/fs/cgroup" + group + "/memory.max")
		var bytes int
		if _, err := fmt.Sscan(string(text), &bytes); err == nil {
			return bytes >> 20
		}
	}
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 1024
	}
	defer file.Close()
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		var kilobytes int
		if strings.HasPrefix(scanner.Text(), "MemTotal:") {
			fmt.Sscanf(scanner.Text(), "MemTotal: %d kB", &kilobytes)
			return kilobytes >> 10
		}
	}
	return 1024
}
