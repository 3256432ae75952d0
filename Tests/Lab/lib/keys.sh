# shellcheck shell=bash
# Keys, passwords and the ssh client's files of one lab. Host keys are made here and put into the
# hosts, so known_hosts comes from the key files themselves, not from what answered on the network.

# Users of the systemd hosts, as HOST:USER:key|key+password:sudo rule (none, free, asks).
LAB_USERS="pi:pi:key:free pi:operator:key+password:asks pi:plain:key:none renogy:jorik:key:free"
FIRST_UID=1000

make_lab_keys() {
    ssh-keygen -q -t ed25519 -N '' -C "lab-$LAB_TAG" -f "$LAB_RUN/id_ed25519"
    ssh-keygen -q -t ecdsa -N '' -C "lab-$LAB_TAG" -f "$LAB_RUN/id_ecdsa"
    : >"$LAB_RUN/known_hosts"
    (
        umask 077
        printf 'LAB_OLIMEX_PASSWORD=%s\nLAB_OPERATOR_PASSWORD=%s\n' \
            "$(random_password)" "$(random_password)" >"$LAB_RUN/passwords.env"
    )
}

random_password() { # 20 letters and digits
    local password
    password=$(head -c 60 /dev/urandom | base64 -w 0 | tr -dc 'a-zA-Z0-9')
    echo "${password:0:20}"
}

hash_of() { # VARIABLE of passwords.env → its SHA-512 crypt line; the password is never an argument
    # perl-base is essential in Debian, openssl is not.
    sed -n "s/^$1=//p" "$LAB_RUN/passwords.env" | perl -e '
        chomp(my $password = <STDIN>);
        my @letters = ("a" .. "z", 0 .. 9);
        print crypt($password, "\$6\$" . join("", map { $letters[rand @letters] } 1 .. 12)), "\n";'
}

make_host_keys() { # HOST: what its sshd on port 22 shows
    local folder=$LAB_HOSTS/$1/keys type
    mkdir -p "$folder"
    for type in ed25519 ecdsa; do
        ssh-keygen -q -t "$type" -N '' -C "$1" -f "$folder/ssh_host_${type}_key"
        trust_key "$1" 22 "$folder/ssh_host_${type}_key.pub"
    done
}

make_rsa_keys() { # slow (0.1 to 0.5 s each), so made beside the first boots
    local folder=$LAB_RUN/rsa name job jobs=()
    mkdir -p "$folder"
    for name in legacy dropbear; do
        ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C "$name" -f "$folder/$name" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job"; done
}

make_board_keys() { # HOST: what its old servers on 2201 and 2202 show; takes the RSA keys
    local folder=$LAB_HOSTS/$1/keys
    mkdir -p "$folder"
    mv "$LAB_RUN"/rsa/* "$folder/"
    rmdir "$LAB_RUN/rsa"
    ssh-keygen -q -t ecdsa -b 256 -m PEM -N '' -C dropbear -f "$folder/dropbear_ecdsa"
    trust_key "$1" 2201 "$folder/legacy.pub"
    trust_key "$1" 2202 "$folder/dropbear.pub"
    trust_key "$1" 2202 "$folder/dropbear_ecdsa.pub"
}

trust_key() { # HOST PORT FILE: known_hosts lines for the host's names and addresses
    local host=$1 port=$2 type key names=() name
    read -r type key _ <"$3"
    names=("$host")
    case $host:$port in
        olimex:2201) names+=(olimex-legacy) ;;
        olimex:2202) names+=(olimex-dropbear) ;;
    esac
    mapfile -t -O "${#names[@]}" names < <(cut -d' ' -f4 "$LAB_HOSTS/$host/legs")
    for name in "${names[@]}"; do
        # A client asks for "name" where the port is 22 and for "[name]:port" otherwise.
        case $port:$name in
            22:*) echo "$name $type $key" ;;
            *:*-*) printf '%s %s %s\n' "$name" "$type" "$key" "[$name]:$port" "$type" "$key" ;;
            *) echo "[$name]:$port $type $key" ;;
        esac
    done >>"$LAB_RUN/known_hosts"
}

place_keys() { # HOST ROOT: on its first boot
    local host=$1 root=$2 keys=$LAB_HOSTS/$1/keys name
    cp "$keys"/ssh_host_* "$root/etc/ssh/"
    if [ -f "$keys/legacy" ]; then
        install -m 600 "$keys/legacy" "$root/etc/legacy-ssh/rsa"
        for name in dropbear:rsa dropbear_ecdsa:ecdsa; do
            install -m 600 "$keys/${name%:*}" "$root/etc/dropbear/key.pem"
            chroot "$root" dropbearconvert openssh dropbear /etc/dropbear/key.pem \
                "/etc/dropbear/dropbear_${name#*:}_host_key" 2>/dev/null
        done
        rm "$root/etc/dropbear/key.pem"
    fi
}

# On its first boot; as text, because useradd takes longer than the boot.
place_users() { # HOST ROOT KIND
    local host=$1 root=$2 kind=$3 line user login rule number=$FIRST_UID hash
    if [ "$kind" = sysv ]; then
        hash=$(hash_of LAB_OLIMEX_PASSWORD)
        sed -i "s|^root:[^:]*:|root:$hash:|" "$root/etc/shadow"
        return
    fi
    # An extra host has the Pi's first user.
    case " $LAB_USERS" in
        *" $host:"*) ;;
        *) place_user "$root" pi "$number" '*' free && return ;;
    esac
    for line in $LAB_USERS; do
        [ "${line%%:*}" = "$host" ] || continue
        IFS=: read -r _ user login rule <<<"$line"
        hash='*'
        [ "$login" = key ] || hash=$(hash_of LAB_OPERATOR_PASSWORD)
        place_user "$root" "$user" "$number" "$hash" "$rule"
        number=$((number + 1))
    done
}

place_user() { # ROOT USER UID HASH RULE
    local root=$1 user=$2 number=$3 hash=$4 rule=$5 home=$1/home/$2
    echo "$user:x:$number:$number::/home/$user:/bin/bash" >>"$root/etc/passwd"
    echo "$user:x:$number:" >>"$root/etc/group"
    echo "$user:!::" >>"$root/etc/gshadow"
    echo "$user:$hash:19700:0:99999:7:::" >>"$root/etc/shadow"
    install -d -o "$number" -g "$number" -m 755 "$home"
    install -d -o "$number" -g "$number" -m 700 "$home/.ssh"
    cat "$LAB_RUN"/id_*.pub >"$home/.ssh/authorized_keys"
    chown "$number:$number" "$home/.ssh/authorized_keys"
    chmod 600 "$home/.ssh/authorized_keys"
    case $rule in
        free) echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user" ;;
        asks) echo "$user ALL=(ALL) ALL" >"$root/etc/sudoers.d/$user" ;;
        none) return 0 ;;
    esac
    chmod 440 "$root/etc/sudoers.d/$user"
}

write_ssh_config() { # for the plain ssh client: ssh -F RUN/ssh_config pi
    local host user address
    for host in $(host_names); do
        [ "$host" != olimex ] || continue
        user=pi
        [ "$host" != renogy ] || user=jorik
        address=$(head -n 1 "$LAB_HOSTS/$host/legs" | cut -d' ' -f4)
        printf 'Host %s\n  HostName %s\n  User %s\n' "$host" "$address" "$user"
    done
    cat <<CONFIG
Host olimex olimex-legacy olimex-dropbear
  HostName $BOARD_ADDRESS
  User root
  ProxyJump pi
  PubkeyAuthentication no
  PreferredAuthentications password
Host olimex-legacy
  Port 2201
  HostKeyAlgorithms ssh-rsa
  KexAlgorithms diffie-hellman-group14-sha1
  MACs hmac-sha1
Host olimex-dropbear
  Port 2202
Host *
  IdentityFile $LAB_RUN/id_ed25519
  IdentitiesOnly yes
  UserKnownHostsFile $LAB_RUN/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
CONFIG
}
