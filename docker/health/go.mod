module lucid/docker/health

go 1.26
