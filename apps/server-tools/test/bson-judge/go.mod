module lucid.invalid/bson-judge

go 1.24

require go.mongodb.org/mongo-driver v1.17.3
