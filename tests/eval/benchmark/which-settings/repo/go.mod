module example.com/relayd

go 1.22
