from anonpipe.speakers.clustering import cluster
def told_apart(heard, speakers): return cluster(heard, speakers or 2)
