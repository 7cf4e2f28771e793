"""Why a cluster cannot do a run: apart from the cluster, so that who names it need not import Dask."""


class ClusterError(RuntimeError):
    """A cluster that cannot do the run; the message says which worker and why."""
