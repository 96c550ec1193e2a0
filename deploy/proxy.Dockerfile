# Caddy without root: a copy of the program drops its file capabilities, which a container
# without capabilities may not run, and the volumes take over the owner of these folders.

FROM caddy:2.10-alpine
RUN cp /usr/bin/caddy /usr/bin/caddy-plain && mv /usr/bin/caddy-plain /usr/bin/caddy \
    && adduser -S -u 10002 -H -s /sbin/nologin proxy \
    && chown -R proxy /data /config
COPY Caddyfile /etc/caddy/Caddyfile
USER proxy
