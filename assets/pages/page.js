history.replaceState(null, "", "/auth/callback");
